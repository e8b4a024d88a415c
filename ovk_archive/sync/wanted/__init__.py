"""Things that a person names by their numbers: read from a list, asked for, and kept."""
