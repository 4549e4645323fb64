"""Labelled texts: rows of files, our own sentences, and both as one matrix."""

from __future__ import annotations

import csv
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from services.routing.classifier.features import SPACE, describe_text
from services.routing.classifier.vectors import Vocabulary

EXAMPLES = Path(__file__).parent / "examples"
GROUPS = EXAMPLES / "groups.csv"
Rows = Sequence[Mapping[str, str]]
AT_ONCE = 64  # texts whose features are worked out together


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file with a header, UTF-8."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def example_files(folder: Path = EXAMPLES) -> list[Path]:
    """The parts of our own corpus, in order."""
    return sorted(folder.glob("part_*.csv"))


def read_examples() -> list[dict[str, str]]:
    """Our own sentences, and every topic's name as one more."""
    rows = [row for path in example_files() for row in read_rows(path)]
    return rows + [{"topic": topic, "text": topic} for topic in sorted({row["topic"] for row in rows})]


def read_groups() -> dict[str, str]:
    """The topics of our own sentences and the group of each."""
    return {row["topic"]: row["group"] for row in read_rows(GROUPS)}


def groups_of(rows: Rows) -> dict[str, str]:
    """Group of each topic: of the rows' column `group` or `category`, else as our own list has it; none if any lacks one.

    A topic under several groups belongs to the commonest of them.
    """
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        group = (row.get("group") or row.get("category") or "").strip()
        of_topic = counts.setdefault(row["topic"], {})
        if group:
            of_topic[group] = of_topic.get(group, 0) + 1
    found = {topic: max(sorted(of), key=of.__getitem__) for topic, of in counts.items() if of}
    known = found if found else read_groups()
    return {topic: known[topic] for topic in counts} if counts.keys() <= known.keys() else {}


def hash_of_examples() -> str:
    """SHA-256 of the corpus the shipped model was trained on."""
    digest = hashlib.sha256()
    for path in [*example_files(), GROUPS]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Corpus:
    """Texts as a sparse matrix over the buckets that are not too rare."""

    def __init__(self, texts: Sequence[str], rarest: int) -> None:
        from scipy.sparse import csr_matrix

        described = [describe_text(text) for text in texts]
        frequency = np.zeros(2 * SPACE, np.int64)
        for features in described:
            frequency[np.unique(features.buckets)] += 1
        buckets = np.flatnonzero(frequency >= rarest).astype(np.int32)
        idf = np.log((1 + len(texts)) / (1 + frequency[buckets])) + 1
        # Rounded as the file will round it, so that the model is trained for what will be used.
        self.vocabulary = Vocabulary(buckets, idf.astype(np.float16).astype(np.float32))
        parts = [
            self.vocabulary.vectors_of(described[start : start + AT_ONCE])
            for start in range(0, len(described), AT_ONCE)
        ]
        borders = np.cumsum([0, *itertools.chain(*(np.diff(part.starts) for part in parts))])
        values = np.concatenate([part.values for part in parts])
        columns = np.concatenate([part.columns for part in parts])
        self.matrix = csr_matrix((values, columns, borders), shape=(len(texts), buckets.size))
