"""What networks call, and how pages are connected."""
