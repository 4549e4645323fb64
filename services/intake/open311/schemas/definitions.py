"""What is asked about a topic over Open311, as administrators say it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from chassis.bodies import Body
from chassis.replacing import ReadOnly, Replacement
from services.intake.field_types import VISIBLE, Code, Line, not_blank
from services.intake.open311.rules.attributes import LISTS, DataType

MOST_ATTRIBUTES = 50
MOST_VALUES = 200
Label = Annotated[str, not_blank(200), VISIBLE]


class ShownValue(BaseModel):
    """One value of a list: what is sent, and what people read."""

    key: Annotated[Code, Field(description="What is sent for it.", examples=["dark"])]
    name: Annotated[Label, Field(description="What people read.", examples=["Не горит"])]


class ValueOfList(ShownValue, Body):
    """The same as it is set."""


class AttributeFields(BaseModel):
    """One thing that is asked. One that is not `variable` only tells the sender something."""

    code: Annotated[Code, Field(description="It is answered as `attribute[code]`.", examples=["POLE"])]
    variable: Annotated[bool, Field(description="Whether an answer is expected.")] = True
    datatype: Annotated[DataType, Field(description="How it is answered; the two lists have `values`.")]
    required: Annotated[bool, Field(description="Whether a request without an answer is refused.")] = False
    description: Annotated[Label, Field(description="What is asked.", examples=["Номер столба"])]
    datatype_description: Annotated[
        Line | None, Field(description="What helps to answer.", examples=["Он на табличке"])
    ] = None


class ShownAttribute(AttributeFields):
    """The same as it is read, with the values of a list."""

    values: Annotated[list[ShownValue], Field(description="What can be chosen.")]


class AskedAttribute(AttributeFields, Body):
    """The same as it is set."""

    values: Annotated[
        list[ValueOfList],
        Field(default_factory=list, max_length=MOST_VALUES, description="What can be chosen."),
    ]

    @model_validator(mode="after")
    def _lists_have_values(self) -> AskedAttribute:
        keys = [each.key for each in self.values]
        if (self.datatype in LISTS) != bool(keys):
            raise ValueError("singlevaluelist and multivaluelist have values, the others have none")
        if len(set(keys)) < len(keys):
            raise ValueError("the keys of a list differ from each other")
        return self


class NewDefinition(Replacement):
    """What shall be asked; none where a sender's words are enough."""

    attributes: Annotated[
        list[AskedAttribute],
        Field(
            default_factory=list,
            max_length=MOST_ATTRIBUTES,
            description="In the order in which they are asked.",
        ),
    ]
    region: ReadOnly[str] = None
    topic: ReadOnly[str] = None
    version: ReadOnly[int] = None

    @model_validator(mode="after")
    def _codes_differ(self) -> NewDefinition:
        codes = [each.code for each in self.attributes]
        if len(set(codes)) < len(codes):
            raise ValueError("the codes of attributes differ from each other")
        return self


class Definition(BaseModel):
    """What is asked; version 0 is nothing."""

    region: str
    topic: str
    attributes: Annotated[list[ShownAttribute], Field(description="In the order in which they are asked.")]
    version: int
