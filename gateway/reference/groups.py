"""What operations are gathered under (`tags.csv`), in the order in which a newcomer reads them."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from gateway.reference.document import Document


def _read() -> dict[str, tuple[str, str]]:
    with (Path(__file__).parent / "tags.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {tag: (group, description) for group, tag, description in rows}


# Tag → the group it stands in, and what it is about.
TAGS: Final[Mapping[str, tuple[str, str]]] = _read()


def describe_tags(used: Collection[str]) -> list[Document]:
    """The tags of a document in their order; one that is not known here comes last and says nothing."""
    known = [{"name": tag, "description": TAGS[tag][1]} for tag in TAGS if tag in used]
    return known + [{"name": tag} for tag in used if tag not in TAGS]


def tag_groups(used: Collection[str]) -> list[Document]:
    """The same gathered by who needs them, as ReDoc and others show it."""
    pairs = [(group, tag) for tag, (group, _) in TAGS.items() if tag in used]
    return [
        {"name": group, "tags": [tag for _, tag in some]} for group, some in groupby(pairs, key=itemgetter(0))
    ]
