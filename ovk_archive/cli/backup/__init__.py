"""The commands that read from the instance into an archive."""
