"""What is looked for in a text."""
