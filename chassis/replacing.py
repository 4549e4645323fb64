"""Bodies of PUT: what GET gave can be sent back, changed in what may be changed.

What only we set (`id`, `version`, names, counters) is declared in the body as `ReadOnly`: left out or sent as it was
read it means nothing, sent otherwise it is a 422.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from chassis.bodies import Body
from chassis.problems import Unprocessable

T = TypeVar("T")
_SHOWN = {"readOnly": True}
_MOVES = "moves by itself"

# `version: ReadOnly[int] = None`
ReadOnly = Annotated[T | None, Field(json_schema_extra=_SHOWN)]
# The same for what may have moved on since it was read, so that nobody can say whether it was changed: taken as it comes.
Moving = Annotated[T | None, Field(json_schema_extra=_SHOWN), _MOVES]


class Replacement(Body):
    """The body of a PUT. Fields that are not `ReadOnly` say how the thing shall be."""

    def wanted(self) -> dict[str, object]:
        """How the thing shall be."""
        return self.model_dump(exclude=_names(type(self), with_moving=True))

    def require_unchanged(self, current: BaseModel, pointer: str = "") -> None:
        """422 where a field that only we set was sent otherwise than `current`, what GET gives now, has it."""
        refuse_changes(changed_fields(self, current, pointer))


def changed_fields(sent: BaseModel, current: BaseModel | None, pointer: str = "") -> list[str]:
    """Pointers of the read-only fields that were sent otherwise than they are; `current` None: there is no such thing."""
    names = _names(type(sent), with_moving=False) & sent.model_fields_set
    was = current.model_dump(include=names) if current else {}
    now = sent.model_dump(include=names)
    return [f"{pointer}/{name}" for name in sorted(names) if name not in was or now[name] != was[name]]


def refuse_changes(pointers: Iterable[str]) -> None:
    """422 that names them; nothing where there are none."""
    message = "is read-only: leave it out, or send it as it was read"
    errors = [{"pointer": pointer, "message": message} for pointer in pointers]
    if errors:
        raise Unprocessable("See errors.", errors=errors)


def _names(model: type[BaseModel], *, with_moving: bool) -> set[str]:
    return {
        name
        for name, field in model.model_fields.items()
        if field.json_schema_extra == _SHOWN and (with_moving or not _is_moving(field))
    }


def _is_moving(field: FieldInfo) -> bool:
    return _MOVES in field.metadata
