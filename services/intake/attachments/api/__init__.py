"""Uploads, and the way to what was uploaded."""
