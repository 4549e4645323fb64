"""How long an appeal will still wait: `steps` (time in bins), `curves` (who waits how long)."""
