"""What the commands say, and how it is put on a terminal."""
