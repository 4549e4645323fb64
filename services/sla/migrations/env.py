"""Alembic's entry; see `chassis.migrations`."""

from chassis.migrations import run_migrations

run_migrations("sla")
