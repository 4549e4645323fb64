"""Which days and minutes count, and when a term that runs on them is due."""
