"""What its migration would need."""
