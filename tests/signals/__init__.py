"""Tests of what daily counts tell."""
