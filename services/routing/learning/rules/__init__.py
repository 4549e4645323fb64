"""What learning computes: pure."""
