"""A whole invented life, out of a seed."""
