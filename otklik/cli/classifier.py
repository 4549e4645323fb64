"""`otklik train` and `otklik evaluate`: the classifier, without a running system."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from otklik.cli.failures import Failed
from otklik.cli.output import print_json, print_message, print_table, progress_console
from otklik.demo_places import demo_directory
from otklik.files import read_rows
from otklik.ranking import demo_levels, rank_by_rules
from services.routing.classifier.cross_validation import cross_validate, learning_curve
from services.routing.classifier.evaluation import evaluate as judge
from services.routing.classifier.frequencies import with_frequencies
from services.routing.classifier.model import Model, load_model
from services.routing.classifier.training import describe, save_trained
from services.routing.classifier.training import train as fit
from services.routing.reference.rules.place_stems import place_stems

COLUMNS = ("text", "topic", "agency", "group", "category")
LABELS = ("topic", "group", "agency", "level")
MEASURES = ("top1", "top3", "ece", "coverage_at_80", "coverage_at_90")
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Judging:
    """How to judge: a model's folder, the agencies' levels, folds instead of a model."""

    model: Path | None = None
    parents: Path | None = None
    places: Path | None = None
    folds: int | None = None
    learning_curve: bool = False


def train(path: Path, folder: Path, parents: Path | None, places: Path | None, as_json: bool) -> None:
    """Learn the labels of a file; writes model.npz and model.json."""
    rows = _labelled_rows(path)
    known_parents, known_places = _parents_to_learn(parents), _read_places(places)
    began = time.monotonic()
    with progress_console.status(f"Learning from {len(rows)} rows …"):
        try:
            model = fit(rows, known_parents, known_places)
        except ValueError as error:
            raise Failed(f"{path}: {error}") from None
    _save(model, folder, len(rows), began, as_json)


def train_by_frequencies(path: Path, folder: Path, as_json: bool) -> None:
    """The shipped model with a region's own frequencies of topics; writes model.npz and model.json."""
    began = time.monotonic()
    counts = _read_counts(path)
    try:
        model = with_frequencies(load_model(), counts)
    except ValueError as error:
        raise Failed(f"{path}: {error}") from None
    _save(model, folder, len(counts), began, as_json)


def _save(model: Model, folder: Path, rows: int, began: float, as_json: bool) -> None:
    file = save_trained(model, folder)
    seconds = round(time.monotonic() - began, 1)
    result = {"rows": rows, **describe(model), "model": str(file), "seconds": seconds}
    if as_json:
        print_json(result)
        return
    print_message(
        f"Learned {result['topics']} topics and {result['agencies']} organisations in {seconds} s: {file}"
    )


def evaluate(path: Path, judging: Judging, as_json: bool) -> None:
    """Judge a model on labelled rows, without `folds` the one given or the shipped one.

    A model that knows no organisations gets them from the demo region's rules.
    """
    rows = _labelled_rows(path)
    parents = _read_parents(judging.parents)
    with progress_console.status(f"Judging {len(rows)} rows …"):
        result = _judge(path, rows, judging, parents)
    if as_json:
        print_json(result)
        return
    for title, figures in result.get("learning_curve", {"": result}).items():
        _print_figures(f"{figures['rows']} rows {title}".strip(), figures)


def _judge(path: Path, rows: Rows, judging: Judging, parents: Mapping[str, str] | None) -> dict[str, Any]:
    if judging.folds is None and not judging.learning_curve:
        result = judge(_load(judging.model), rows, rank_by_rules, parents)
        return result if any(row.get("agency") for row in rows) else {**result, "agency": None}
    places = _read_places(judging.places)
    try:
        if judging.learning_curve:
            return {"learning_curve": learning_curve(rows, parents, places)}
        return cross_validate(rows, judging.folds or 0, parents, places)
    except ValueError as error:
        raise Failed(f"{path}: {error}") from None


def _print_figures(title: str, figures: Mapping[str, Any]) -> None:
    judged = {name: figures[name] for name in LABELS if figures.get(name)}
    print_table(
        f"{title}, {figures['texts_per_second']:.0f} texts/s",
        ("", *MEASURES),
        [(name, *(each.get(measure) for measure in MEASURES)) for name, each in judged.items()],
    )
    print_table(
        "Thresholds on these rows",
        ("", "wanted precision", "threshold", "precision", "coverage"),
        [
            (kind, wanted, at["threshold"], at["precision"], at["coverage"])
            for kind, by_precision in figures["thresholds"].items()
            for wanted, at in by_precision.items()
        ],
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


def _read_columns(path: Path, columns: tuple[str, ...]) -> Rows:
    """Some columns of a file, the first of which it must have."""
    rows: Rows = []
    for row in read_rows(path, columns[0]):
        if row.error:
            raise Failed(f"{path}: row {row.number} {row.error}")
        rows.append({name: str(row.values[name]).strip() for name in columns if row.values.get(name)})
    return rows


def _labelled_rows(path: Path) -> Rows:
    """Rows with a text and a topic; `agency` where all have one."""
    rows = _read_columns(path, COLUMNS)
    labelled = [row for row in rows if row.get("text") and row.get("topic")]
    if not labelled:
        raise Failed(f"{path} has no rows with `text` and `topic`.")
    if len(labelled) < len(rows):
        print_message(f"{len(rows) - len(labelled)} rows without text or topic are left out.")
    return labelled


def _read_pairs(path: Path, columns: tuple[str, str]) -> dict[str, str]:
    rows = _read_columns(path, columns)
    if not rows or not all(row.keys() >= set(columns) for row in rows):
        raise Failed(f"{path} needs `{columns[0]}` and `{columns[1]}` in every row.")
    return {row[columns[0]]: row[columns[1]] for row in rows}


def _read_parents(path: Path | None) -> dict[str, str] | None:
    """Agency → its city or district."""
    return None if path is None else _read_pairs(path, ("agency", "level"))


def _parents_to_learn(path: Path | None) -> dict[str, str]:
    """Without a file those of the demo region's organisations."""
    return _read_parents(path) or demo_levels()


def _read_places(path: Path | None) -> dict[str, list[str]]:
    """Place → its stems; without a file those of the demo region."""
    if path is not None:
        return {name: stems.split("|") for name, stems in _read_pairs(path, ("name", "stems")).items()}
    return place_stems(demo_directory())


def _read_counts(path: Path) -> dict[str, float]:
    """Topic → how often."""
    counts = _read_pairs(path, ("topic", "count"))
    wrong = [topic for topic, count in counts.items() if not count.isdecimal()]
    if wrong:
        raise Failed(f"{path}: `count` of «{wrong[0]}» is no whole number.")
    return {topic: float(count) for topic, count in counts.items()}
