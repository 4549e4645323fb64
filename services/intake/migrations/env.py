"""Alembic's entry point for the schema of intake."""

from chassis.migrations import run_migrations

run_migrations("intake")
