"""What changes accounts and sessions."""
