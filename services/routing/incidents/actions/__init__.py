"""What changes incidents and their reports."""
