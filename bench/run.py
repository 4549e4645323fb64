"""`make bench`: what the house does on this machine, beside its references, in one run.

Prints a table and, as the last line, JSON. Rates are medians over interleaved rounds; a speed is a ratio to a bare
FastAPI endpoint with the same body model, measured in the same minute by the same generator.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.claims import measure_claims
from bench.latency import measure_latency
from bench.people import measure_people
from bench.processes import measure_memory
from bench.register import measure_register
from bench.throughput import measure_batches, measure_drain, measure_single_posts
from harness import system as systems
from harness.system import System

console = Console(stderr=True)
SHOWN_APART = ("pages_ms", "bytes_by_table", "by_page")


def show(results: dict[str, Any]) -> None:
    """A table for people."""
    table = Table(title="Otklik bench")
    for column in ("measurement", "result", "goal"):
        table.add_column(column, overflow="fold")
    for name, result in results.items():
        shown = {key: value for key, value in result.items() if key not in ("goal", *SHOWN_APART)}
        table.add_row(name, json.dumps(shown, ensure_ascii=False), str(result.get("goal", "")))
    console.print(table)
    if "register" in results:
        show_pages(results["register"])
    if "people" in results:
        show_work(results["people"])


def show_pages(register: dict[str, Any]) -> None:
    """Pages at two sizes, side by side."""
    small, large = register["appeals"]
    table = Table(title="Pages of lists, ms")
    for column in ("page", f"at {small}", f"at {large}", "ratio beside the reference"):
        table.add_column(column, justify="left" if column == "page" else "right")
    for name, figures in register["pages_ms"].items():
        table.add_row(name, *map(str, figures))
    console.print(table)


def show_work(people: dict[str, Any]) -> None:
    """What each page cost while people worked."""
    table = Table(title="Pages, ms on the server")
    for column in ("page", "median", "p95", "its calls, median", "calls", "bytes"):
        table.add_column(column, justify="left" if column == "page" else "right")
    for name, figures in people["by_page"].items():
        table.add_row(name, *map(str, figures))
    console.print(table)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds, to see that it works")
    parser.add_argument(
        "--only",
        default="",
        help="comma-separated: posts,batches,drain,latency,claims,memory,register,people",
    )
    arguments = parser.parse_args()
    quick = arguments.quick
    measurements: dict[str, Callable[[System], dict[str, Any]]] = {
        "posts": lambda s: measure_single_posts(s, 2 if quick else 5, 2.0 if quick else 4.0),
        "batches": lambda s: measure_batches(s, 4000 if quick else 20000),
        "drain": lambda s: measure_drain(s, 2000 if quick else 10000),
        "latency": lambda s: measure_latency(s, 100, 4 if quick else 20),
        "claims": lambda s: measure_claims(s, 2000 if quick else 10000),
        "memory": measure_memory,
    }
    # In a home that nothing else was measured in.
    alone = {
        "register": lambda s: measure_register(s, 500 if quick else 2000, 4000 if quick else 100_000),
        "people": lambda s: measure_people(s, 30 if quick else 120),  # on what `register` has filled
    }
    chosen = arguments.only.split(",") if arguments.only else [*measurements, *alone]
    results: dict[str, Any] = {}
    for group in (measurements, alone):
        if names := [name for name in chosen if name in group]:
            with tempfile.TemporaryDirectory() as folder, systems.running(Path(folder)) as system:
                for name in names:
                    console.print(f"measuring {name} …")
                    results[name] = group[name](system)
                    console.print(f"  {json.dumps(results[name], ensure_ascii=False)}")
    show(results)
    print(json.dumps(results, ensure_ascii=False))


if __name__ == "__main__":
    main()
