"""Keeping a copy of the facts: `folders` (its files), `building` (all of it), `following` (what changes), `nightly`."""
