"""The commands that ask the instance and keep nothing but the token."""
