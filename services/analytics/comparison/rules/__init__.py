"""A fair comparison: `expectations` (what was to be expected, in SQL), `funnels` (how far chance reaches)."""
