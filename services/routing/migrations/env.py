"""Alembic's entry point for the schema of routing."""

from chassis.migrations import run_migrations

run_migrations("routing")
