"""What Open311 shows."""
