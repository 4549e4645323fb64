"""Routes; no logic."""
