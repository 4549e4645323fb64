"""Organisations and topics, as every workplace names them."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel


class OrganisationName(BaseModel):
    """An organisation by its name."""

    id: UUID
    name: str


class Organisations(BaseModel):
    """All of a region."""

    items: list[OrganisationName]


class Topic(BaseModel):
    """What appeals of a region are about. `active`: whether it is in use."""

    code: str
    name: str
    group: str
    group_name: str
    active: bool = True


class Topics(BaseModel):
    """All of a region."""

    items: list[Topic]
