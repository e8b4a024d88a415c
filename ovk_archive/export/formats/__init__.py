"""How rows are written: a module a format."""
