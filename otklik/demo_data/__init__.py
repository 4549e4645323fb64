"""A believable half-year for the demo region: written by rules from a seed, brought in over the public API."""
