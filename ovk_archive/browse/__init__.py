"""Datasette on an archive, with every table and column described."""
