"""Timers fire, and what is sent because of them is stored."""
