"""Text that is kept for reading only, packed: what no query looks into takes a tenth to a third of its room.

Rows are small, so each is packed by itself, after a dictionary of what such rows have in common: raw deflate (RFC 1951)
behind one byte that names the dictionary. Dictionaries are files that are never changed, as what was packed after one
opens with the very same only: a better one gets the next number, and the old ones stay.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, cast

import orjson

_WINDOW = -13  # raw, 8 KiB: as much as a dictionary has; small states are quickly made
_MEMORY = 5  # small texts fill no larger tables, and each is packed with new ones
_LEVEL = 3  # of nine: those above find three hundredths more in so short texts, for a fifth more work


class Packing:
    """One kind of text and its dictionaries, the oldest first: `<name>.dictionary.1.txt`, `….2.txt` … in the folder
    `dictionaries` of a package.
    """

    def __init__(self, package: str, name: str, versions: int = 1) -> None:
        self._dictionaries: Sequence[bytes] = [
            files(package).joinpath("dictionaries", f"{name}.dictionary.{number}.txt").read_bytes()
            for number in range(1, versions + 1)
        ]
        # What has read the dictionary once is copied for each text, which costs less than to read it again.
        self._packer = zlib.compressobj(
            _LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, self._dictionaries[-1]
        )
        self._version = bytes((len(self._dictionaries),))

    def pack(self, plain: bytes) -> bytes:
        """The text, packed after the newest dictionary."""
        packer = self._packer.copy()
        return self._version + packer.compress(plain) + packer.flush()

    def unpack(self, packed: bytes) -> bytes:
        """The text again. ValueError when it is damaged, or was packed after a dictionary of a newer version."""
        if not packed or not 0 < packed[0] <= len(self._dictionaries):
            raise ValueError("packed after a dictionary that is not here")
        unpacker = zlib.decompressobj(_WINDOW, self._dictionaries[packed[0] - 1])
        try:
            plain = unpacker.decompress(packed[1:])
        except zlib.error as error:
            raise ValueError("what was packed is damaged") from error
        if not unpacker.eof:
            raise ValueError("what was packed is damaged")
        return plain

    def pack_json(self, value: Any) -> bytes:
        """Anything JSON can say, packed."""
        return self.pack(orjson.dumps(value))

    def unpack_json(self, packed: bytes | None, clear: str | None) -> Any:
        """The value of a row: packed, or as JSON in clear, as an older version kept it."""
        return orjson.loads(cast(str, clear) if packed is None else self.unpack(packed))


def packing_statements(schema: str, table: str, clear: str) -> list[str]:
    """DDL for a table that keeps a column packed from now on; its rows so far stay as they are, in `clear`."""
    return [
        f"ALTER TABLE {schema}.{table} ADD COLUMN packed bytea, ALTER COLUMN {clear} DROP NOT NULL",
    ]


def unpacking_statements(schema: str, table: str, clear: str) -> list[str]:
    """DDL for a downgrade: possible as long as nothing is packed, which only the service could open."""
    return [
        "SELECT set_config('app.scope', 'service', true)",
        f"DO $$ BEGIN IF EXISTS (SELECT FROM {schema}.{table} WHERE packed IS NOT NULL) THEN "
        f"RAISE EXCEPTION 'rows of {schema}.{table} are packed: restore a backup instead'; END IF; END $$",
        f"ALTER TABLE {schema}.{table} DROP COLUMN packed, ALTER COLUMN {clear} SET NOT NULL",
    ]
