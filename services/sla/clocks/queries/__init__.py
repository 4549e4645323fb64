"""What is read of clocks."""
