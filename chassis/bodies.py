"""What clients send: bodies with the fields that are known, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chassis.faults import in_words
from chassis.json_text import read_json
from chassis.names import UNKNOWN_FIELD
from chassis.problems import Unprocessable, WrongMediaType, validation_errors

JSON = "application/json"
NDJSON = "application/x-ndjson"
# One thing under several names: the first is the one we speak.
NDJSON_NAMES = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines"})
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)
_ANY_JSON = re.compile(r"application/(json|.*\+json)", re.DOTALL)
_READ_AS_UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})

Location = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


class Body(BaseModel):
    """Base of everything a client sends: a field that is not known is refused, at every depth."""

    model_config = ConfigDict(extra="forbid")


class Place(Body):
    """WGS 84 degrees."""

    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


def require_json(content_type: str) -> None:
    """415 for a body that says it is something else; one that says nothing is read as JSON."""
    if content_type in ("", JSON):
        return
    if not _ANY_JSON.fullmatch(_media_type_of(content_type)):
        raise WrongMediaType("Send {media_type}.", values={"media_type": JSON})


def require_ndjson(content_type: str) -> None:
    """The same for one JSON object per line."""
    if content_type and _media_type_of(content_type) not in NDJSON_NAMES:
        raise WrongMediaType("Send one JSON object per line as {media_type}.", values={"media_type": NDJSON})


def _media_type_of(content_type: str) -> str:
    charset = _CHARSET.search(content_type)
    if charset and charset.group(1).lower() not in _READ_AS_UTF8:
        raise WrongMediaType("Send UTF-8.")
    return content_type.partition(";")[0].strip().lower()


def read_body(model: type[Model], body: bytes, ignored: list[Location] | None = None) -> Model:
    """A body as it was sent; 400 where it is no JSON, 422 with pointers, never with what was sent.

    `ignored`: fields that are not known are left out and noted there. None: they are refused.
    """
    if not body:
        raise Unprocessable(
            "See errors.", errors=[{"pointer": "", "message": in_words("a JSON object is needed")}]
        )
    value = read_json(body)
    if ignored is not None:
        ignored += take_unknown_out(model, value)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Unprocessable("See errors.", errors=validation_errors(_errors_of(error), model)) from None


def take_unknown_out(sent_as: Any, value: Any) -> list[Location]:
    """Remove from `value` the fields that its type does not know; where they stood."""
    try:
        _adapter(sent_as).validate_python(value)
    except ValidationError as error:
        places = [found["loc"] for found in _errors_of(error) if found["type"] == UNKNOWN_FIELD]
        return [place for place in places if _remove(value, place)]
    return []


def _errors_of(error: ValidationError) -> Collection[Any]:
    return error.errors(include_url=False, include_input=False)


@lru_cache(maxsize=256)
def _adapter(sent_as: Any) -> TypeAdapter[Any]:
    return TypeAdapter(sent_as)


def _remove(value: Any, place: Location) -> bool:
    """Whether there was something at the place: a validator may have shaped what it looked at."""
    *above, name = place
    try:
        for part in above:
            value = value[part]
        del value[name]
    except (LookupError, TypeError):
        return False
    return True
