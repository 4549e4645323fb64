"""What things of the document are called in Python."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from typing import Final

# Names of types: a field that is called so would stand in their way in the annotations below it.
_TYPES: Final = frozenset({"list", "dict", "str", "int", "float", "bool"})
_WORD: Final = re.compile(r"[A-Za-z0-9]+")


def python_name(name: str) -> str:
    """`from` → `from_`; the base of all models takes the underscore off again."""
    plain = name.replace("-", "_").lower() if "-" in name else name
    return f"{plain}_" if keyword.iskeyword(plain) or plain in _TYPES else plain


def class_name(*words: str) -> str:
    """`planned works` → `PlannedWorks`."""
    return "".join(word[:1].upper() + word[1:] for each in words for word in _WORD.findall(each))


def module_name(tag: str) -> str:
    """`planned works` → `planned_works`."""
    return "_".join(_WORD.findall(tag.lower()))


def method_names(operation_ids: Iterable[str]) -> dict[str, str]:
    """Of the operations of a group: without the service, unless two would be called the same."""
    ids = list(operation_ids)
    short = [each.partition("_")[2] for each in ids]
    return {each: name if short.count(name) == 1 else each for each, name in zip(ids, short, strict=True)}
