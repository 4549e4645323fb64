"""Flagging appeals, and deciding on them."""
