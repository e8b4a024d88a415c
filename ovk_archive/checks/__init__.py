"""Whether an archive is whole, and whether it is true."""
