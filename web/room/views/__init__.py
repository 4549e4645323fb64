"""What the platform answers, as far as the room shows it."""
