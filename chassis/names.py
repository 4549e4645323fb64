"""Names a client sent that are not known: and which ones would have been."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

UNKNOWN_FIELD = "extra_forbidden"  # pydantic's word for it
_LONGEST = 60  # letters of a name that are compared
_ALIKE = 0.7


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that was most likely meant."""
    near = get_close_matches(name[:_LONGEST].lower(), known, n=1, cutoff=_ALIKE)
    return near[0] if near else None


def known_fields(sent_as: Any, place: Iterable[str | int]) -> list[str]:
    """Names of the fields that an object at `place` in a body of type `sent_as` may have."""
    for part in place:
        if isinstance(part, str):
            sent_as = _fields_of(sent_as).get(part)
    return list(_fields_of(sent_as))


def _fields_of(sent_as: Any) -> dict[str, object]:
    """The fields of the model in an annotation, by the names they are sent under; none where it has no model."""
    model = model_in(sent_as)
    fields = model.model_fields if model else {}
    return {field.alias or name: field.annotation for name, field in fields.items()}


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model of an annotation such as `list[Model] | None`; None where it has none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := model_in(part))), None)
