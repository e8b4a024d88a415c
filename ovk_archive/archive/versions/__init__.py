"""Every content of every record that was ever seen, and when: what all other tables follow from."""
