"""Planned works: what is shut off, dug up or closed on a day known before, and the notice that answers who asks about it."""
