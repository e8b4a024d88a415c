"""What is true on the toy instance."""
