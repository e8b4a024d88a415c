"""What a perfect archive of the toy instance would hold."""
