"""Reading a JSON text strictly (RFC 8259): what cannot be read is a 400, a name that stands twice a 422."""

from __future__ import annotations

import json
import re
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final, NoReturn

import orjson

from chassis.problems import Problem, Unprocessable, pointer_of

JsonObject = dict[str, Any]
Pairs = list[tuple[str, Any]]
_HALF_LETTERS: Final = re.compile("[\ud800-\udfff]")


class MalformedJson(Problem):
    status, slug, title = 400, "malformed-json", "The body is not JSON"


class _StandsTwice(Exception):
    """An object has two members of one name: the later would have replaced the earlier in silence."""


class _Doubled(JsonObject):
    """Such an object, while its place is looked for."""

    name = ""


def _make_object(pairs: Pairs) -> JsonObject:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _StandsTwice
    return made


def _mark_doubled(pairs: Pairs) -> JsonObject:
    made: JsonObject = {}
    for name, value in pairs:
        if name in made and not isinstance(made, _Doubled):
            made = _Doubled(made)
            made.name = name
        made[name] = value
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedJson("{name} is no JSON number.", values={"name": name})


_decoder = JSONDecoder(object_pairs_hook=_make_object, parse_constant=_refuse_constant)
_decode_marking = JSONDecoder(object_pairs_hook=_mark_doubled, parse_constant=_refuse_constant).decode


def _decode(text: str) -> Any:
    """The value; a text without blanks around it, as most are, is scanned without looking for them."""
    try:
        value, end = _decoder.raw_decode(text)
    except JSONDecodeError:
        return _decoder.decode(text)
    return value if end == len(text) else _decoder.decode(text)


def read_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    MalformedJson where it is cut off, goes on behind its end, is not UTF-8, holds NaN or Infinity, or nests deeper
    than anything we read. Half a surrogate pair, escaped, is JSON: the field it stands in refuses it.
    """
    try:
        text = body.decode("utf-8")
        try:
            return _decode(text)
        except _StandsTwice:
            marked = _decode_marking(text)
    except JSONDecodeError as error:
        where = {"fault": error.msg, "line": error.lineno, "column": error.colno}
        raise MalformedJson("{fault} (line {line}, column {column}).", values=where) from None
    except UnicodeDecodeError as error:
        raise MalformedJson("Byte {start} is not UTF-8.", values={"start": error.start}) from None
    except RecursionError:
        raise MalformedJson("It nests too deeply.") from None
    except ValueError:
        raise Unprocessable("A number has more digits than any field takes.") from None
    raise Unprocessable("See errors.", errors=[_find_doubled(marked)])


def read_others_json(body: bytes) -> Any:
    """The value of a JSON text of others, who are not asked to send it again: half a surrogate pair reads as U+FFFD. ValueError
    where it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        if b"\\u" not in body:
            raise
    try:
        written = json.dumps(json.loads(body.decode("utf-8")), ensure_ascii=False)
    except RecursionError:
        raise ValueError("it nests too deeply") from None
    return orjson.loads(_HALF_LETTERS.sub("\ufffd", written))


def _find_doubled(value: Any) -> dict[str, str]:
    """Where a name stands twice."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        place, found = waiting.pop()
        if isinstance(found, _Doubled):
            return {"pointer": pointer_of((*place, found.name)), "message": "stands twice in one object"}
        parts = found.items() if isinstance(found, dict) else enumerate(found)
        waiting += [((*place, key), part) for key, part in parts if isinstance(part, dict | list)]
    return {"pointer": "", "message": "a name stands twice in one object"}
