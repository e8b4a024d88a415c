"""What is known, read again: whose turn it is, the rounds, and when an audit is due."""
