"""What is known of each list: where it stands, what was skipped, missed or refused."""
