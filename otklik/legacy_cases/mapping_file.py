"""How a file is to be read: from `--column` options and from a mapping file, which say the same."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast, get_args

from contracts.intake import Channel, Regime
from otklik.files import FileError
from otklik.files.moments import DateOrder
from otklik.legacy_cases.columns import NAMES
from otklik.legacy_cases.vocabulary import CLOSED, OPEN, OUTCOMES, plain_phrase

KNOWN_MEANINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "outcome": OUTCOMES,
    "status": (*OUTCOMES, OPEN, CLOSED),
    "channel": get_args(Channel),
    "regime": get_args(Regime),
}
DATE_ORDERS: Final = get_args(DateOrder)


@dataclass
class FileMapping:
    """`columns`: field → column ("" leaves the field out); `excluded`: columns not to be read; `meanings`: field → the
    file's word → ours."""

    columns: dict[str, str] = field(default_factory=dict)
    excluded: list[str] = field(default_factory=list)
    meanings: dict[str, dict[str, str]] = field(default_factory=dict)
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
                self.excluded.append(column)
            else:
                self.columns[name.strip()] = column


def read_mapping(path: Path) -> FileMapping:
    """A JSON or TOML file: `field = "column"`, `none = ["column"]`, `date_format = "dmy"`, and what words mean:
    `[values.outcome]` `"Не решено" = "refused"`. FileError says what is wrong with it."""
    content = _load(path)
    mapping = FileMapping(
        excluded=_texts(path, "none", content.pop("none", [])),
        meanings=_meanings(path, content.pop("values", {})),
        date_order=read_order(content.pop("date_format")) if "date_format" in content else None,
    )
    for name, column in content.items():
        if name not in NAMES or not isinstance(column, str):
            raise FileError(
                f"{path}: `{name}` is no field with a column's name; there are: {', '.join(NAMES)}."
            )
        mapping.columns[name] = column
    return mapping


def read_order(value: object) -> DateOrder:
    """`dmy` or `mdy`."""
    if value not in DATE_ORDERS:
        raise FileError(f"`{value}` is no date format; there are: dmy (day first) and mdy (month first).")
    return cast(DateOrder, value)


def _load(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise FileError(f"{path} is neither JSON nor TOML: {error}.") from None


def _texts(path: Path, name: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise FileError(f'{path}: `{name}` is a list of columns\' names, ["queue", "ontime"].')
    return value


def _meanings(path: Path, value: object) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict):
        raise FileError(f"{path}: `values` is a table of fields, each with words and what they mean.")
    return {name: _meanings_of(path, name, pairs) for name, pairs in value.items()}


def _meanings_of(path: Path, name: str, pairs: object) -> dict[str, str]:
    if name not in KNOWN_MEANINGS or not isinstance(pairs, dict):
        raise FileError(
            f"{path}: `values` is for {', '.join(KNOWN_MEANINGS)}, each with words and what they mean."
        )
    known = KNOWN_MEANINGS[name]
    wrong = [meaning for meaning in pairs.values() if meaning not in known]
    if wrong:
        raise FileError(f"{path}: `{wrong[0]}` is no {name}; there are: {', '.join(known)}.")
    return {plain_phrase(word): meaning for word, meaning in pairs.items()}
