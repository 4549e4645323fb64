"""`otklik train` and `otklik evaluate`: the classifier, without a running system."""

from __future__ import annotations

import time
from pathlib import Path
from zipfile import BadZipFile

from otklik.cli.failures import Failed
from otklik.cli.output import print_json, print_message, print_table, progress_console
from otklik.files import read_rows
from otklik.ranking import rank_by_rules
from services.routing.classifier.evaluation import evaluate as judge
from services.routing.classifier.model import Model, load_model
from services.routing.classifier.training import describe, save_trained
from services.routing.classifier.training import train as fit

COLUMNS = ("text", "topic", "agency")


def train(path: Path, folder: Path, as_json: bool) -> None:
    """Learn the labels of a file; writes model.npz and model.json."""
    rows = _labelled_rows(path)
    began = time.monotonic()
    with progress_console.status(f"Learning from {len(rows)} rows …"):
        try:
            model = fit(rows)
        except ValueError as error:
            raise Failed(f"{path}: {error}") from None
        file = save_trained(model, folder)
    result = {
        "rows": len(rows),
        **describe(model),
        "model": str(file),
        "seconds": round(time.monotonic() - began, 1),
    }
    if as_json:
        print_json(result)
    else:
        print_message(
            f"Learned {result['topics']} topics and {result['agencies']} bodies in {result['seconds']} s: {file}"
        )


def evaluate(path: Path, folder: Path | None, as_json: bool) -> None:
    """Judge a model on labelled rows; without `folder` the shipped one.

    A model that knows no organisations gets them from the demo region's rules.
    """
    rows = _labelled_rows(path)
    model = _load(folder)
    with progress_console.status(f"Judging {len(rows)} rows …"):
        result = judge(model, rows, rank_by_rules)
    if not any(row.get("agency") for row in rows):
        result["agency"] = None
    if as_json:
        print_json(result)
        return
    measures = ("top1", "top3", "ece", "coverage_at_80")
    judged = {name: result[name] for name in ("topic", "agency") if result[name]}
    print_table(
        f"{result['rows']} rows, {result['texts_per_second']:.0f} texts/s",
        ("", *measures),
        [(name, *(figures.get(measure) for measure in measures)) for name, figures in judged.items()],
    )


def _load(folder: Path | None) -> Model:
    try:
        return load_model(folder)
    except FileNotFoundError:
        raise Failed(
            f"There is no model in {folder}. Make one with `otklik train FILE --model DIR`."
        ) from None
    except (ValueError, KeyError, BadZipFile) as error:
        raise Failed(f"The model cannot be used, train it anew: {error}") from None


def _labelled_rows(path: Path) -> list[dict[str, str]]:
    """Rows with a text and a topic; `agency` where all have one."""
    rows: list[dict[str, str]] = []
    for row in read_rows(path):
        if row.error:
            raise Failed(f"{path}: row {row.number} {row.error}")
        rows.append({name: str(row.values[name]).strip() for name in COLUMNS if row.values.get(name)})
    labelled = [row for row in rows if row.get("text") and row.get("topic")]
    if not labelled:
        raise Failed(f"{path} has no rows with `text` and `topic`.")
    if len(labelled) < len(rows):
        print_message(f"{len(rows) - len(labelled)} rows without text or topic are left out.")
    return labelled
