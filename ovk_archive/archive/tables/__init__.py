"""The tables: made, brought up to date, and filled with rows and their versions."""
