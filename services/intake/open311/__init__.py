"""Open311 GeoReport v2: the standard that civic apps speak, over the same registration."""
