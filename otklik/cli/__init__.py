"""The command line of Otklik."""

from __future__ import annotations

import sys


def main() -> None:
    """Run a command. Exit codes: 0 done, 1 failed, 2 wrong usage."""
    from otklik.cli.commands import app
    from otklik.cli.failures import message_of

    try:
        app(prog_name="otklik")
    except Exception as error:
        message = message_of(error)
        if message is None:
            raise
        print(f"otklik: {message}", file=sys.stderr)
        sys.exit(1)
