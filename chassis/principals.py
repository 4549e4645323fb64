"""Who is asking: a client's role, its scope, and the person who acts through it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from chassis.problems import Forbidden
from contracts.territories import REGIONS

Role = Literal["portal", "agency", "coordinator", "analyst", "federal", "admin"]
ROLES: tuple[Role, ...] = ("portal", "agency", "coordinator", "analyst", "federal", "admin")

# Whose scope may be narrowed to municipalities: others see what is their own, or everything.
MUNICIPAL_ROLES: frozenset[Role] = frozenset({"coordinator", "analyst"})
_OKTMO = re.compile(r"[0-9]{8}")
_WHOLE_DISTRICT = "000"  # how the code of a district ends, whose settlements have other digits there


@dataclass(frozen=True)
class Principal:
    """The client behind a token, its scope, and who acts through it.

    `regions`: None when it may act everywhere. `municipalities` (ОКТМО): None when its regions are its own as a whole; a
    municipal centre sees those rows only that are known to lie in its municipalities. `person`: who acts, where the client
    is an application many people use; its name stays with the gateway. `generation`: of the client's rights. `session`:
    which sign-in of the person the token belongs to, where the person has signed in here.
    """

    client_id: str
    role: Role
    regions: frozenset[str] | None
    organisation_id: UUID | None
    expires_at: float
    generation: int = 0
    municipalities: frozenset[str] | None = None
    person: UUID | None = None
    session: UUID | None = None

    def may_see(self, region: str) -> bool:
        """Whether a region is within reach."""
        return self.regions is None or region in self.regions

    def require_region(self, region: str) -> None:
        """403 for a region out of reach."""
        if not self.may_see(region):
            raise Forbidden("This region is outside your scope.")

    @property
    def is_everywhere(self) -> bool:
        """Whether it may act in all regions: said by an explicit `*`, never by saying nothing."""
        return self.regions is None

    def regions_within(self, asked: str | None = None) -> list[str]:
        """The regions a query is limited to: the one asked for (403 out of reach), or all within reach.

        No regions means none. This is the only way from a token to the regions of a query.
        """
        if asked is not None:
            self.require_region(asked)
            return [asked]
        return sorted(REGIONS if self.regions is None else self.regions)

    @property
    def municipality_prefixes(self) -> list[str]:
        """How the codes of everything inside its municipalities begin: a district's code covers its settlements."""
        return sorted(code.removesuffix(_WHOLE_DISTRICT) for code in self.municipalities or ())

    def reaches(self, municipality: str | None) -> bool:
        """Whether what lies there (ОКТМО; None: nobody knows where) is a municipal centre's; others reach all of their regions."""
        if self.municipalities is None:
            return True
        return municipality is not None and municipality.startswith(tuple(self.municipality_prefixes))

    def require_municipality(self, municipality: str | None) -> None:
        """403 for what a municipal centre makes outside of its municipalities, or for nowhere: it could not read it then."""
        if not self.reaches(municipality):
            raise Forbidden("Name a municipality within your scope.")

    def require_everywhere(self) -> None:
        """403 for who is bound to regions: for what concerns all of them."""
        if not self.is_everywhere:
            raise Forbidden("This concerns all regions and needs a token for all of them.")

    @property
    def owner(self) -> str:
        """Whose is what it makes for itself: its organisation's, where it works for one, else its client's."""
        return str(self.organisation) if self.role == "agency" else self.client_id

    @property
    def organisation(self) -> UUID:
        """The organisation of an agency's token; 403 when the token has none."""
        if self.organisation_id is None:
            raise Forbidden("This needs a token of an organisation.")
        return self.organisation_id


def principal_of(claims: dict[str, Any]) -> Principal:
    """Claims → principal. Raises ValueError/KeyError for claims that make no sense (fail closed)."""
    role = claims["role"]
    if role not in ROLES:
        raise ValueError("unknown role")
    organisation = _optional_id(claims, "organisation")
    if role == "agency" and organisation is None:
        raise ValueError("an agency token names its organisation")
    regions = _names(claims, "regions")
    municipalities = None
    if "municipalities" in claims:
        municipalities = frozenset(map(_municipality, _names(claims, "municipalities")))
    if municipalities is not None and ("*" in regions or not municipalities or role not in MUNICIPAL_ROLES):
        raise ValueError("municipalities are those of a municipal centre: some, and in named regions")
    return Principal(
        client_id=str(claims["sub"]),
        role=role,
        regions=None if "*" in regions else regions,
        organisation_id=organisation,
        expires_at=float(claims["exp"]),
        generation=int(claims.get("generation", 0)),
        municipalities=municipalities,
        person=_optional_id(claims, "person"),
        session=_optional_id(claims, "session"),
    )


def _names(claims: dict[str, Any], name: str) -> frozenset[str]:
    values = claims[name]
    if not isinstance(values, list):
        raise ValueError(f"{name} must be a list")
    return frozenset(map(str, values))


def _municipality(code: str) -> str:
    """An eight-digit code (ОКТМО); ValueError for anything else, which might open more than it names."""
    if not _OKTMO.fullmatch(code):
        raise ValueError("a municipality is its code, eight digits")
    return code


def _optional_id(claims: dict[str, Any], name: str) -> UUID | None:
    value = claims.get(name)
    return UUID(str(value)) if value else None
