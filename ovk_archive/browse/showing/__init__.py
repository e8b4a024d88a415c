"""What a page shows: from the archive to small frozen things, without a word of HTML."""
