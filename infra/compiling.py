"""Imports once whatever the processes and the command line are made of, so that Python keeps it compiled: `make install` and the
image do it, and neither the first start nor the thousands of modules that nobody imports cost anything."""

from __future__ import annotations

import importlib

from infra.local.fork_client import modules_of
from infra.local.processes import PROCESSES

BESIDE = ("otklik.cli", "infra.local.runtime", "infra.container", "chassis.spans")


def main() -> None:
    """Fails where something cannot be imported: better here than at the start."""
    of_migrations, of_parts = modules_of(PROCESSES)
    for module in (*of_migrations, *of_parts, *BESIDE):
        importlib.import_module(module)


if __name__ == "__main__":
    main()
