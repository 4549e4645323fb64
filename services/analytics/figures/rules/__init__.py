"""What a figure means, each defined once: `sources` (whose rows), `measures` (over them), `periods` (points of a series)."""
