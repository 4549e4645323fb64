"""Descriptions of the document as docstrings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

WIDTH: Final = 110


def paragraphs(text: str) -> Iterator[str]:
    """A description as it was written, without its line breaks."""
    for each in text.split("\n\n"):
        yield " ".join(each.split())


def entries(named: Iterable[tuple[str, str]]) -> str:
    """One line for each name that something is said of."""
    return "\n".join(f"{name}: {' '.join(text.split())}" for name, text in named if text.strip())


def docstring(blocks: Iterable[str], depth: int) -> str:
    """Of something that is written `depth` columns in; nothing where there is nothing to say."""
    indent = " " * depth
    wrapped = [_wrapped(each, indent) for each in blocks if each.strip()]
    if not wrapped:
        return ""
    text = "\n\n".join(wrapped).strip().replace("\\", "\\\\").replace('"""', "'''")
    if "\n" not in text and len(text) + depth + 6 <= WIDTH and not text.endswith('"'):
        return f'{indent}"""{text}"""\n'
    return f'{indent}"""{text}\n{indent}"""\n'


def _wrapped(block: str, indent: str) -> str:
    """Its lines, what goes over the width further in."""
    hanging = indent + "    " if "\n" in block else indent
    return "\n".join(
        textwrap.fill(
            line,
            WIDTH - 3,
            initial_indent=indent,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in block.split("\n")
    )
