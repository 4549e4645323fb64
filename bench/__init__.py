"""Repeatable measurements, each beside its reference in one run."""
