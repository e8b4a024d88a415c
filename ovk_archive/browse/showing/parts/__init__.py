"""What many pages show: people, texts, what is attached, what is said of it."""
