"""Receiving, examining, keeping, giving and erasing files."""
