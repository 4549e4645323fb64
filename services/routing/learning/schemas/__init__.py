"""What clients send and are shown of learning."""
