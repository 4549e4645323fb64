"""Payloads of networks: what we read of them; whatever else they hold, now or later, is ignored."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.intake.channels.rules.reading import Unreadable

Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]


class Payload(BaseModel):
    """Base of what is read of a payload."""

    model_config = ConfigDict(extra="ignore", frozen=True)


Read = TypeVar("Read", bound=Payload)


def read_as(kind: type[Read], value: object) -> Read:
    """The value as this kind of payload; Unreadable, without a word of it, where it is none."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        places = sorted({".".join(map(str, each["loc"][:4])) for each in error.errors(include_input=False)})
        raise Unreadable(", ".join(places[:5])) from None


class Attached(Payload):
    """An attachment, by its kind."""

    type: str = ""
