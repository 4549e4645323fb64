"""Circumstances that give an appeal terms of its own."""
