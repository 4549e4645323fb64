"""Widgets for administrators, and their forms for everybody."""
