"""The engine: it reads what the account may read, list by list, and reads it again."""
