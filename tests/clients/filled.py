"""Answers of stand-ins: everything that the interface promises of a thing, with what the test is about."""

from __future__ import annotations

import datetime as dt
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID, uuid4

from pydantic import BaseModel

from otklik_client.models.base import Received

_PLAIN: dict[object, object] = {
    str: "",
    int: 1,
    float: 0.5,
    bool: False,
    dt.date: "2026-11-21",
    dt.datetime: "2026-11-21T10:00:00+03:00",
    NoneType: None,
}


def filled(model: type[Received], **stated: Any) -> dict[str, Any]:
    """The JSON object of an answer; what is not stated is null, empty or something small."""
    model.model_rebuild()  # until it is used, its annotations are texts
    made = {
        name.removesuffix("_"): _value(field.annotation)
        for name, field in model.model_fields.items()
        if field.is_required()
    }
    return {**made, **stated}


def _value(annotation: Any) -> Any:
    origin, inside = get_origin(annotation), get_args(annotation)
    if annotation is UUID:
        return str(uuid4())
    if origin in (Union, UnionType):
        return None if NoneType in inside else _value(inside[0])
    if origin is Annotated:
        return _value(inside[0])
    if origin is Literal:
        return inside[0]
    if origin in (list, dict):
        return origin()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        assert issubclass(annotation, Received)
        return filled(annotation)
    return _PLAIN[annotation]
