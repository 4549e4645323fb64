"""Bodies of the routes of people and sessions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, SecretStr, StringConstraints

from chassis.bodies import Body
from chassis.replacing import Moving, ReadOnly, Replacement
from gateway import tables
from gateway.people.rules.logins import LONGEST_LOGIN, require_login
from gateway.people.rules.passwords import LONGEST
from gateway.schemas import Line, ScopedBody, require_printable

PersonRole = Literal["agency", "coordinator", "analyst", "federal", "admin"]
OFFICIALS: tuple[PersonRole, ...] = get_args(PersonRole)
MOST_NAMES = 500
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _require_email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("not an e-mail address")
    return value


Login = Annotated[Line, AfterValidator(require_login)]
Email = Annotated[Line, AfterValidator(_require_email)]
Position = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(require_printable)
]
GivenPassword = Annotated[SecretStr, Field(min_length=1, max_length=1000)]
NewPassword = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]
LinkToken = Annotated[SecretStr, Field(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(max_length=40)]


class PersonBody(ScopedBody):
    """Who signs in, and what they may do."""

    login: Login
    name: Line
    position: Position = ""
    email: Email | None = None
    role: PersonRole


class PersonCreate(PersonBody):
    """A new person. `regions` are region codes, or `["*"]` for all; a password comes by an invitation."""


class PersonReplacement(Replacement, PersonBody):
    """A person as it shall be: what GET gave, changed. `active: false` ends every session."""

    active: bool
    id: ReadOnly[UUID] = None
    version: ReadOnly[int] = None
    has_password: Moving[bool] = None
    has_code: Moving[bool] = None


class PersonView(BaseModel):
    """A person's account."""

    id: UUID
    login: str
    name: str
    position: str
    email: str | None
    role: PersonRole
    regions: list[str]
    municipalities: list[str]
    organisation_id: UUID | None
    active: bool
    version: int
    has_password: bool
    has_code: bool

    @classmethod
    def of(cls, stored: tables.Person) -> PersonView:
        """Without what only signing in needs."""
        known = {name: getattr(stored, name) for name in cls.model_fields if not name.startswith("has_")}
        return cls(**known, has_password=stored.password_hash is not None, has_code=stored.code_confirmed)


class People(BaseModel):
    """A page of people."""

    items: list[PersonView]
    next_cursor: str | None


class PersonName(BaseModel):
    """How a history names who acted."""

    id: UUID
    name: str
    position: str


class PersonNames(BaseModel):
    """Those of the ids asked for that are known in the regions of who asks."""

    items: list[PersonName]


class Colleague(PersonName):
    """Somebody of one's own organisation. `active`: whether the person may sign in, and so can be given work."""

    active: bool


class Colleagues(BaseModel):
    """A page of colleagues, oneself among them."""

    items: list[Colleague]
    next_cursor: str | None


class PersonChangeView(BaseModel):
    """One change of an account. `fields`: name → before and after."""

    id: UUID
    changed_at: datetime
    kind: str
    client_id: str
    changed_by: UUID | None
    fields: dict[str, list[object]]


class PersonChanges(BaseModel):
    """A page of changes, the newest first."""

    items: list[PersonChangeView]
    next_cursor: str | None


class Invite(Body):
    """Whom to invite."""

    person_id: UUID


class ResetWish(Body):
    """Who has lost the password. `drops_code`: the device with one-time codes, too; codes are off once the link is used."""

    person_id: UUID
    drops_code: bool = False


class Link(BaseModel):
    """A token that sets a password once; it is shown in this answer and never again."""

    person_id: UUID
    token: str
    expires_at: datetime


class Acceptance(Body):
    """A link's token, and the password that is to be."""

    token: LinkToken
    password: NewPassword


class Accepted(BaseModel):
    """Whose password was set."""

    login: str
    name: str


class SignIn(Body):
    """Who signs in. `code`: a one-time or a recovery code, where the account asks for one."""

    login: Annotated[str, StringConstraints(min_length=1, max_length=2 * LONGEST_LOGIN)]
    password: GivenPassword
    code: Code | None = None


class OutsideSignIn(Body):
    """Who has signed in at the outside issuer, as that says. `nonce`: what the pages asked it to put in."""

    id_token: Annotated[SecretStr, Field(min_length=1, max_length=16_384)]
    nonce: Annotated[str, StringConstraints(min_length=16, max_length=200)]


class Refresh(Body):
    """The newest refresh token of a session."""

    refresh_token: Annotated[SecretStr, Field(min_length=1, max_length=200)]


class SignedIn(BaseModel):
    """A session's tokens. `expires_in`: seconds the access token is good for."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int
    refresh_token: str
    person: PersonView


class SessionView(BaseModel):
    """A session that goes on. `current`: the one that asks."""

    id: UUID
    started_at: datetime
    used_at: datetime
    ends_at: datetime
    current: bool


class Sessions(BaseModel):
    """One's own sessions, the newest first."""

    items: list[SessionView]


class PasswordProof(Body):
    """One's own password, before what only its owner may do."""

    password: GivenPassword


class PasswordChange(PasswordProof):
    """The password so far, and the one that is to be."""

    new_password: NewPassword


class CodeProof(Body):
    """A one-time code of the device that is to be asked for from now on."""

    code: Code


class CodesOff(PasswordProof):
    """One's own password and a one-time or recovery code."""

    code: Code


class CodeSecret(BaseModel):
    """What a device makes one-time codes from (RFC 6238), as text and as an address to be shown as a picture."""

    secret: str
    uri: str


class NewRecoveryCodes(BaseModel):
    """Codes for who has lost the device, each good once; they are shown in this answer and never again."""

    recovery_codes: list[str]
