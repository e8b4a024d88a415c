"""What an export says of itself, for people and for programs."""
