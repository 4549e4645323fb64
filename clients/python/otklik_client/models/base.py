"""What all models share: how they grow, and how a body is made of what was read."""

from __future__ import annotations

from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    JsonValue,
    PlainSerializer,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

JsonObject = dict[str, JsonValue]
T = TypeVar("T")


def _name_sent(name: str) -> str:
    """`from_` is sent as `from`, which is a word of Python."""
    return name.removesuffix("_")


def _keep_unknown(value: object, known: ValidatorFunctionWrapHandler) -> object:
    """A word that a later version of the interface added to a closed list is given as it came."""
    try:
        return known(value)
    except ValidationError:
        if isinstance(value, str):
            return value
        raise


def _as_it_is(value: Any) -> Any:
    return value


# A closed list of words in an answer: closed for who writes code today, open for who answers tomorrow.
Known = Annotated[T, WrapValidator(_keep_unknown), PlainSerializer(_as_it_is)]


class Sent(BaseModel):
    """Base of bodies: a field that the interface does not know is an error before anything is sent, and only what was set is
    sent."""

    # What was sent may be about a person: no error repeats it.
    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        alias_generator=_name_sent,
        defer_build=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def of(cls, read: Received, **changes: object) -> Self:
        """What was read, changed: a PUT takes everything that its GET gave.

        >>> otklik.planned_works.replace_work(work.id, ChangedWork.of(work, title="…"), if_match=work)
        """
        kept = read.model_dump(exclude_unset=True)
        fields = {name: value for name, value in kept.items() if name in cls.model_fields}
        return cls.model_validate({**fields, **changes})


class Received(BaseModel):
    """Base of answers: fields that this version does not know are left out."""

    model_config = ConfigDict(
        extra="ignore",
        populate_by_name=True,
        alias_generator=_name_sent,
        defer_build=True,
        hide_input_in_errors=True,
    )

    def as_received(self) -> JsonObject:
        """The JSON object it came as."""
        found: JsonObject = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return found
