"""The Russian words of a text, split once for all rules: what no word begins or ends with needs no search."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

_WORD = re.compile("([а-я]+)")


class Words:
    """Runs of Russian letters in a text that is in small letters; a hyphen parts them."""

    def __init__(self, folded: str) -> None:
        self._pieces = _WORD.split(folded)
        self.all: Sequence[str] = self._pieces[1::2]

    def that_begin(self, beginnings: frozenset[str]) -> list[int]:
        """Which words have one of these as their first four letters; a shorter one is the whole word."""
        return [place for place, word in enumerate(self.all) if word[:4] in beginnings]

    @cached_property
    def starts(self) -> Sequence[int]:
        """Where in the text each word begins."""
        return list(accumulate(map(len, self._pieces)))[0:-1:2]
