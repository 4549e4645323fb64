"""What is asked of deadlines."""
