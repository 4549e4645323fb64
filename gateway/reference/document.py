"""The published document as it is worked on: the OpenAPI of all parts, read and written in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

Document = dict[str, Any]
JSON: Final = "application/json"


def operations_of(paths: Document) -> Iterator[Document]:
    """Every operation of every path."""
    return (each for item in paths.values() for each in item.values() if isinstance(each, dict))
