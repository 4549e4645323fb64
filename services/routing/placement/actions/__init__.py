"""Appeals come in, and imports are taken back."""
