"""Reads: figures, the map, names, freshness."""
