"""What may be asked of figures: `sources` (the rows), `filters` (whose), `questions` (what of them), `periods` (when)."""
