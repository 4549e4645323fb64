"""Alembic's entry point for the schema of the gateway."""

from chassis.migrations import run_migrations

run_migrations("gateway")
