"""What the letters of a text weigh: runs of letters of every word, learnt from sentences (see bench/meaning_weights.py)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import chain, pairwise
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from meaning.lexicons import NEGATION, WORD, Remembered
from meaning.values import KINDS

OUTCOMES: Final = (*KINDS, "high", "danger")
BUCKETS: Final = 1 << 16  # several runs may share one
_RUNS: Final = (3, 4, 5)  # letters
_DAMPING: Final = -0.35  # long texts repeat themselves: sums count for less
# Before the first and the second piece, and before one that is denied; no text in the folded form holds them.
FIRST, SECOND, DENIED = "\x01", "\x02", "\x03"
_BEGINNING: Final = 7  # letters of a first word, its sign included
_DENIALS: Final = (5, 7, 20)  # letters of a denied word, its sign included
Weights = tuple[float, ...]
Table = npt.NDArray[np.float32]  # [BUCKETS, outcomes]


def as_read(pieces: Sequence[str]) -> list[str]:
    """What weighs: the pieces, those after «не» as denied ones, and once more the first two as what a text begins with."""
    beginning = [sign + piece for sign, piece in zip((FIRST, SECOND), pieces, strict=False)]
    if NEGATION not in pieces:
        return [*pieces, *beginning]
    denied = [DENIED + piece if before == NEGATION else piece for before, piece in pairwise(pieces)]
    return [pieces[0], *denied, *beginning]


def damping(pieces: Sequence[str]) -> float:
    """What sums over pieces are multiplied by."""
    return float(max(1, len(pieces)) ** _DAMPING)


def buckets_of(piece: str) -> list[int]:
    """Where the weights of a piece stand: those of its runs of letters, of its words, or of a beginning."""
    if piece[0] in (FIRST, SECOND):
        return [_bucket(piece[:_BEGINNING])]
    if piece[0] == DENIED:
        return [_bucket(piece[:size]) for size in _DENIALS]
    words = [f"^{word}$" for word in WORD.findall(piece)]
    return [_bucket(run) for run in chain(words, *map(_runs_of, words))]


def _bucket(run: str) -> int:
    return crc32(run.encode()) % BUCKETS


def _runs_of(word: str) -> Iterator[str]:
    return (word[start : start + size] for size in _RUNS for start in range(len(word) - size + 1))


class Letters:
    """Weights of runs of letters: a table of a row per bucket and a column per outcome."""

    def __init__(self, table: Table) -> None:
        self._table: Final = table
        self._rows: Final = Remembered(self._row_of)
        self._dangers: Final = Remembered(self._danger_of)

    def weigh(self, pieces: Sequence[str]) -> Weights:
        """What a text speaks for, by outcome."""
        factor = damping(pieces)
        columns = zip(*map(self._rows.__getitem__, as_read(pieces)), strict=True)
        return tuple([factor * sum(column) for column in columns]) or (0.0,) * len(OUTCOMES)

    def weigh_danger(self, pieces: Sequence[str]) -> float:
        """The same for danger alone, in a fraction of the time."""
        return damping(pieces) * sum(map(self._dangers.__getitem__, as_read(pieces)))

    def _row_of(self, piece: str) -> Weights:
        return tuple(self._table[buckets_of(piece)].sum(axis=0).tolist())

    def _danger_of(self, piece: str) -> float:
        return self._rows[piece][-1]


def read_table() -> Table:
    """The table of this package; kept in bytes, with a scale per outcome."""
    with files("meaning").joinpath("letters.npz").open("rb") as file, np.load(file) as kept:
        table: Table = kept["weights"].astype(np.float32) * kept["scales"]
        return table
