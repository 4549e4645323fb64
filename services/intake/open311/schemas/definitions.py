"""What is asked about a topic over Open311, as administrators say it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator

from chassis.bodies import Body
from chassis.replacing import ReadOnly, Replacement
from services.intake.field_types import Code, Line
from services.intake.open311.rules.attributes import LISTS, DataType

MOST_ATTRIBUTES = 50
MOST_VALUES = 200
Label = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")
]


class ValueOfList(Body):
    """One value of a list: what is sent, and what people read."""

    key: Code
    name: Label


class AskedAttribute(Body):
    """One thing that is asked. One that is not `variable` only tells the sender something; `values`: of the two lists."""

    code: Code
    variable: bool = True
    datatype: DataType
    required: bool = False
    description: Label
    datatype_description: Line | None = None
    values: Annotated[list[ValueOfList], Field(default_factory=list, max_length=MOST_VALUES)]

    @model_validator(mode="after")
    def _lists_have_values(self) -> AskedAttribute:
        keys = [each.key for each in self.values]
        if (self.datatype in LISTS) != bool(keys):
            raise ValueError("singlevaluelist and multivaluelist have values, the others have none")
        if len(set(keys)) < len(keys):
            raise ValueError("the keys of a list differ from each other")
        return self


class DefinitionFields(BaseModel):
    """`attributes`: in the order in which they are asked; none where a sender's words are enough."""

    attributes: Annotated[list[AskedAttribute], Field(max_length=MOST_ATTRIBUTES)] = []

    @model_validator(mode="after")
    def _codes_differ(self) -> DefinitionFields:
        codes = [each.code for each in self.attributes]
        if len(set(codes)) < len(codes):
            raise ValueError("the codes of attributes differ from each other")
        return self


class NewDefinition(DefinitionFields, Replacement):
    """What shall be asked."""

    region: ReadOnly[str] = None
    topic: ReadOnly[str] = None
    version: ReadOnly[int] = None


class Definition(DefinitionFields):
    """What is asked; version 0 is nothing."""

    region: str
    topic: str
    version: int
