"""Bodies of the gateway's own routes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chassis.bodies import Body
from chassis.principals import MUNICIPAL_ROLES, Role
from chassis.texts import require_visible_text
from contracts.territories import REGIONS

EVERYWHERE = "*"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def require_printable(value: str) -> str:
    """The text; ValueError where it holds controls or half surrogates."""
    if _UNPRINTABLE.search(value):
        raise ValueError("control characters are not allowed")
    return value


def _known_region(value: str) -> str:
    if value != EVERYWHERE and value not in REGIONS:
        raise ValueError("not a region code (two digits, e.g. 46) and not *")
    return value


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(require_printable),
    AfterValidator(require_visible_text),
]
RegionOrAll = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{2}|\*)$"), AfterValidator(_known_region), Field(examples=["46"])
]


Municipality = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$"), Field(examples=["38701000"])]


class ScopedBody(Body):
    """A role and where it holds: of a client or a person."""

    role: Role
    regions: Annotated[list[RegionOrAll], Field(max_length=100)] = Field(default_factory=list)
    municipalities: Annotated[
        list[Municipality],
        Field(
            max_length=500,
            description="OKTMO codes (8 digits) of the municipalities it is limited to, such as those of a municipal "
            "centre; none: the whole regions. Only for the roles coordinator and analyst, and only where regions are named.",
        ),
    ] = Field(default_factory=list)
    organisation_id: UUID | None = Field(
        default=None, description="Required for agencies, and only for them."
    )

    @model_validator(mode="after")
    def check_scope(self) -> Self:
        """Agencies name their organisation; everybody but `federal` names regions."""
        if (self.role == "agency") != (self.organisation_id is not None):
            raise ValueError("organisation_id belongs to the role agency, which needs it")
        if not self.regions and self.role != "federal":
            raise ValueError("name at least one region")
        if self.role == "agency" and EVERYWHERE in self.regions:
            raise ValueError("an agency names its regions")
        if self.municipalities and (self.role not in MUNICIPAL_ROLES or EVERYWHERE in self.regions):
            raise ValueError("municipalities are for coordinators and analysts of named regions")
        return self

    @property
    def scope(self) -> list[str]:
        """The regions without doubles; all of them for `federal` when none are named."""
        return [EVERYWHERE] if EVERYWHERE in self.regions or not self.regions else sorted(set(self.regions))

    @property
    def municipal_scope(self) -> list[str]:
        """The municipalities without doubles."""
        return sorted(set(self.municipalities))


class ClientCreate(ScopedBody):
    """A new client. `regions` are region codes, or `["*"]` for all."""

    name: Line
    requests_per_minute: Annotated[int, Field(ge=1, le=10_000_000)] | None = None


class SecretRotate(Body):
    """How long the old secret goes on working beside the new one, and whether tokens issued so far are taken back."""

    keep_old_seconds: Annotated[int, Field(ge=0, le=7 * 86_400)] = 0
    revoke_tokens: bool = False


class Client(BaseModel):
    """Who may ask for tokens."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    role: Role
    regions: list[str]
    municipalities: list[str] = Field(
        description="OKTMO codes of the municipalities it is limited to; none: the whole regions."
    )
    organisation_id: UUID | None
    requests_per_minute: int
    created_at: datetime
    revoked_at: datetime | None


class ClientWithSecret(Client):
    """The only answer that shows the secret."""

    client_id: str
    client_secret: str


class Clients(BaseModel):
    """A page of clients."""

    items: list[Client]
    next_cursor: str | None


class Token(BaseModel):
    """An access token (RFC 6749)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int


class OAuthError(BaseModel):
    """A refusal (RFC 6749, 5.2)."""

    error: str
    error_description: str | None = None


class KeySet(BaseModel):
    """The public halves of the signing keys (RFC 7517)."""

    keys: list[dict[str, str]]


class RevokedTokens(BaseModel):
    """Client id → the first good `generation` of its tokens (a claim; 0 where it is missing).

    Named are the clients whose tokens were taken back and could still be valid if they had not been. A person's client
    id is `person:<id>`; `session:<id>` stands for all tokens with that `session` (a claim), which has ended.
    """

    clients: dict[str, int]
