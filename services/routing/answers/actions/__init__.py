"""Giving, reviewing, signing answers; templates; what is learned from answers that went out."""
