"""The queue, one assignment, triage."""
