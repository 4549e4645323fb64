"""The Russian words of a text, split once for all rules: what no word begins or ends with needs no search."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

_WORD = re.compile("([а-я]+)")
_AT_THE_BEGINNING, _AT_THE_END = 4, 3


class Words:
    """Runs of Russian letters in a text that is in small letters; a hyphen parts them."""

    def __init__(self, folded: str) -> None:
        self._pieces = _WORD.split(folded)
        self.all: Sequence[str] = self._pieces[1::2]

    @cached_property
    def beginnings(self) -> Sequence[str]:
        """The first four letters of each word."""
        return [word[:_AT_THE_BEGINNING] for word in self.all]

    @cached_property
    def endings(self) -> Sequence[str]:
        """The last three letters of each word."""
        return [word[-_AT_THE_END:] for word in self.all]

    @cached_property
    def starts(self) -> Sequence[int]:
        """Where in the text each word begins."""
        return list(accumulate(map(len, self._pieces)))[0:-1:2]
