"""What all objects share: how they grow, and how a refusal looks."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

JsonObject = dict[str, JsonValue]


class Sent(BaseModel):
    """Base of what a client sends: a misspelt field is an error here instead of being ignored there."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Received(BaseModel):
    """Base of what comes back."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    def as_received(self) -> JsonObject:
        """The JSON object it came as."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Page(Received):
    """A page of a list or a feed; `next_cursor` is None behind the last page of a list."""

    items: list[Any] = Field(default_factory=list)
    next_cursor: str | None = None


class FieldError(Received):
    """What is wrong with one field; `pointer` is a JSON pointer into the body."""

    pointer: str = ""
    message: str = ""


class ProblemDocument(Received):
    """An RFC 9457 problem inside a batch answer."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    errors: list[FieldError] = Field(default_factory=list)

    def __str__(self) -> str:
        parts = [self.title, self.detail, *(f"{error.pointer}: {error.message}" for error in self.errors)]
        return " – ".join(part for part in parts if part)
