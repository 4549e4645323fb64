"""Decisions of intake: pure, without I/O and without a clock."""
