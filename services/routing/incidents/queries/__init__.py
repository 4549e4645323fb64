"""What reads incidents and their reports."""
