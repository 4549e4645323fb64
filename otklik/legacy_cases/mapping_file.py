"""How a file is to be read: from `--column` options and from a mapping file, which say the same."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_args

from contracts.intake import Channel, Regime
from otklik.files import FileError
from otklik.files.moments import DateOrder
from otklik.legacy_cases.columns import NAMES
from otklik.legacy_cases.vocabulary import CLOSED, OPEN, OUTCOMES, plain_phrase

MEANINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "outcome": OUTCOMES,
    "status": (*OUTCOMES, OPEN, CLOSED),
    "channel": get_args(Channel),
    "regime": get_args(Regime),
}
DATE_ORDERS: Final = get_args(DateOrder)


@dataclass
class FileMapping:
    """`columns`: field → column ("" leaves the field out); `none`: columns not to be read; `words`: field → the file's
    word → ours."""

    columns: dict[str, str] = field(default_factory=dict)
    none: list[str] = field(default_factory=list)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    date_order: DateOrder | None = None

    def add_pairs(self, pairs: Iterable[str]) -> None:
        """`FIELD=COLUMN`, `FIELD=`, `none=COLUMN`; these win over what a file said."""
        for pair in pairs:
            name, equals, column = pair.partition("=")
            if not (name.strip() and equals):
                raise FileError(
                    f"`{pair}` is not FIELD=COLUMN, e.g. `--column received_at=open_dt` (`FIELD=` leaves a field out, "
                    "`none=COLUMN` a column)."
                )
            if name.strip() == "none":
                self.none.append(column)
            else:
                self.columns[name.strip()] = column


def read_mapping(path: Path) -> FileMapping:
    """A JSON or TOML file: `field = "column"`, `none = ["column"]`, `date_format = "dmy"`, and what words mean:
    `[values.outcome]` `"Не решено" = "refused"`. FileError says what is wrong with it."""
    content = _load(path)
    mapping = FileMapping()
    for name, value in content.items():
        if name == "none":
            mapping.none = _texts(path, name, value)
        elif name == "date_format":
            mapping.date_order = read_order(value)
        elif name == "values":
            mapping.words = _words(path, value)
        elif name in NAMES and isinstance(value, str):
            mapping.columns[name] = value
        else:
            raise FileError(
                f"{path}: `{name}` is no field with a column's name; there are: {', '.join(NAMES)}."
            )
    return mapping


def read_order(value: Any) -> DateOrder:
    """`dmy` or `mdy`."""
    found = next((order for order in DATE_ORDERS if order == value), None)
    if found is None:
        raise FileError(f"`{value}` is no date format; there are: dmy (day first) and mdy (month first).")
    return found  # type: ignore[no-any-return]


def _load(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise FileError(f"{path} is neither JSON nor TOML: {error}.") from None
    return content


def _texts(path: Path, name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise FileError(f'{path}: `{name}` is a list of columns\' names, ["queue", "ontime"].')
    return list(value)


def _words(path: Path, value: Any) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {}
    if not isinstance(value, dict):
        raise FileError(f"{path}: `values` is a table of fields, each with words and what they mean.")
    for name, pairs in value.items():
        if name not in MEANINGS or not isinstance(pairs, dict):
            raise FileError(
                f"{path}: `values` is for {', '.join(MEANINGS)}, each with words and what they mean."
            )
        wrong = [meaning for meaning in pairs.values() if meaning not in MEANINGS[name]]
        if wrong:
            raise FileError(f"{path}: `{wrong[0]}` is no {name}; there are: {', '.join(MEANINGS[name])}.")
        words[name] = {plain_phrase(word): meaning for word, meaning in pairs.items()}
    return words
