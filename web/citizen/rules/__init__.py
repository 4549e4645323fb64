"""What is decided without asking anybody: pure."""
