"""Datasette's own pages of an archive, made easier to read: tables, rows, queries."""
