"""The SQLite file: opened, kept up to date, and filled page by page, each with its cursor."""
