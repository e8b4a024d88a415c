"""Where to read next: from a position and a page to the next position. Pure."""
