"""Answering, reviewing and signing; templates, similar cases, quality."""
