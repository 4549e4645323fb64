"""Watched pages, as they are connected and shown; and where an appeal comes from."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints

from chassis.bodies import Body
from chassis.replacing import Moving, ReadOnly, Replacement
from services.intake.channels.rules.connection import State
from services.intake.channels.rules.reading import Change, Network
from services.intake.field_types import VISIBLE, Municipality, RegionCode, not_blank


def _of_the_web(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError("is no address of the web")
    return url


PageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:@-]{1,100}$")]
PageUrl = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x20\x7f]*$"),
    AfterValidator(_of_the_web),
]
Title = Annotated[str, not_blank(254), VISIBLE]
# What VK, Telegram and MAX all take, and too long to be tried.
SecretWord = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,50}$")]
Token = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,1000}$")]


class CredentialFields(Body):
    """Kept encrypted and never shown. `secret`: what the network sends with every delivery; `confirmation`: what VK is
    answered; the others: what the network is asked with."""

    secret: SecretWord | None = None
    confirmation: Token | None = None
    access_token: Token | None = None
    application_key: Token | None = None
    application_secret: Token | None = None


class PageFields(BaseModel):
    """The watched page as its network knows it."""

    id: PageId
    url: PageUrl
    title: Title


class ChannelPage(PageFields, Body):
    """The same as it is stated."""


class WatchedPage(PageFields):
    """The same as it is shown."""


class CountFields(BaseModel):
    """What became of deliveries. `own` to `service`: what is no appeal."""

    registered: int = 0
    joined: int = 0
    edited: int = 0
    deleted: int = 0
    restored: int = 0
    repeated: int = 0
    waiting: int = 0
    unread: int = 0
    paused: int = 0
    own: int = 0
    other_page: int = 0
    bot: int = 0
    command: int = 0
    wordless: int = 0
    service: int = 0


class DeliveryCounts(CountFields):
    """The same as it is shown."""


class SentCounts(CountFields, Body):
    """The same as it comes back in a PUT."""


class ChannelFields(Body):
    """What is stated of a connection. `organisation`: whose page it is."""

    page: ChannelPage
    municipality: Municipality | None = None
    organisation: UUID | None = None
    state: State = "active"


class NewChannel(ChannelFields):
    """A page to watch."""

    network: Network
    region: RegionCode
    credentials: CredentialFields


class ChangedChannel(ChannelFields, Replacement):
    """The connection as it shall be; credentials that are left out stay."""

    credentials: CredentialFields | None = None
    id: ReadOnly[UUID] = None
    network: ReadOnly[Network] = None
    region: ReadOnly[str] = None
    webhook: ReadOnly[str] = None
    credential_names: ReadOnly[list[str]] = None
    counts: Moving[SentCounts] = None
    last_at: Moving[datetime] = None
    version: ReadOnly[int] = None


class ChannelView(BaseModel):
    """A watched page. `webhook`: the path that the network delivers to; `counts`: what became of deliveries."""

    id: UUID
    network: Network
    region: str
    page: WatchedPage
    municipality: str | None
    organisation: UUID | None
    state: State
    webhook: str | None
    credential_names: list[str]
    counts: DeliveryCounts
    last_at: datetime | None
    version: int


class ChannelPageOfList(BaseModel):
    """Part of the directory of watched pages."""

    items: list[ChannelView]
    next_cursor: str | None


class SourceView(BaseModel):
    """Where an appeal comes from; `post_url`: the page's post or topic, null for a dialog and a person's own post."""

    network: Network
    page_title: str
    page_url: str
    post_url: str | None


class SourceEvidenceItem(BaseModel):
    """One delivery about an appeal. `payload`: what the network sent, as JSON."""

    change: Change | Literal["unread"]
    at: datetime
    received_at: datetime
    text: str | None
    author: str | None
    author_url: str | None
    url: str | None
    payload: Any


class EvidenceView(BaseModel):
    """What a social network delivered about an appeal, oldest first. Every reading is logged."""

    id: UUID
    number: str
    source: SourceView
    items: list[SourceEvidenceItem]
