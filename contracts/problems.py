"""Every problem an answer may name in its `type`, explained for those who meet it (`problems.csv`): in English for who writes
the client, in Russian for who runs it. A slug, once published, keeps its meaning.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple


class Explanation(NamedTuple):
    """A kind of problem: the HTTP status it comes with, what it is, and what to do about it; `shown`: what else such an
    answer may hold, as JSON."""

    slug: str
    status: int
    title: str
    advice: str
    title_ru: str
    advice_ru: str
    shown: str

    @property
    def type(self) -> str:
        """What an answer calls it; the address of its page, too."""
        return f"/problems/{self.slug}"

    @property
    def example(self) -> dict[str, Any]:
        """An answer that names it."""
        document = {"type": self.type, "title": self.title, "status": self.status}
        return document | (json.loads(self.shown) if self.shown else {})


def _read() -> dict[str, Explanation]:
    with (Path(__file__).parent / "problems.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {slug: Explanation(slug, int(status), *words) for slug, status, *words in rows}


EXPLANATIONS: Final[Mapping[str, Explanation]] = MappingProxyType(_read())
