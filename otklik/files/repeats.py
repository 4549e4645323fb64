"""Ids that stand in a file twice: once for the same content, which is the same case, or for another, which is a fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

import orjson

from otklik.files.drafts import Draft
from otklik.files.errors import RowError


@dataclass
class RepeatedIds:
    """Remembers of each id where it stood first, and a digest of its content: 100 bytes a row."""

    _first: dict[int, tuple[int, int]] = field(default_factory=dict)

    def find(self, draft: Draft, row: int) -> RowError | None:
        """Why a row is refused whose id an earlier one had with other content."""
        content = orjson.dumps(draft.as_json(), option=orjson.OPT_SORT_KEYS)
        first, known = self._first.setdefault(_digest(draft.external_id.encode()), (row, _digest(content)))
        if known == _digest(content):
            return None
        return RowError(
            f"has the id of row {first} and other content",
            field="external_id",
            russian=f"номер уже есть в записи {first} с другим содержанием",
        )


def _digest(content: bytes) -> int:
    return int.from_bytes(blake2b(content, digest_size=8).digest())
