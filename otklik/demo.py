"""The demo region: reference data, and a client for everybody who takes part."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from infra.local.files import write_private
from otklik.client import AsyncClient, ProblemError
from otklik.client.connection import Call

REGION = "46"
FOLDER = Path(__file__).resolve().parent.parent / "infra" / "demo" / f"region_{REGION}"
EVERYWHERE = "*"
REQUESTS_PER_MINUTE = 10_000_000  # the widest the gateway takes: the demo is for load tests too
AT_ONCE = 8
ROLES: Mapping[str, list[str]] = {
    "portal": [REGION],
    "coordinator": [REGION],
    "analyst": [REGION],
    "federal": [EVERYWHERE],
    "admin": [EVERYWHERE],
}
Place = tuple[str, str | None]  # role and, for agencies, organisation id
T = TypeVar("T")
Credentials = dict[str, Any]
Note = Callable[[str, int, int], None]  # what is being done, how much of it is done, how much there is


@dataclass(frozen=True)
class Wanted:
    """A client the demo needs. `organisation` is set for agencies."""

    role: str
    name: str
    regions: list[str]
    organisation: str | None = None
    organisation_id: str | None = None

    def body(self) -> dict[str, Any]:
        """What to post."""
        return {
            "name": self.name,
            "role": self.role,
            "regions": self.regions,
            "requests_per_minute": REQUESTS_PER_MINUTE,
            **({"organisation_id": self.organisation_id} if self.organisation_id else {}),
        }


def read_reference(folder: Path = FOLDER) -> dict[str, list[dict[str, Any]]]:
    """The body of `PUT /api/v1/reference/46`: the CSV files, empty cells as null, stems as a list."""
    tables = ("groups", "topics", "organisations", "municipalities", "rules")
    reference: dict[str, list[dict[str, Any]]] = {
        name: [
            {column: value or None for column, value in row.items()} for row in _rows(folder / f"{name}.csv")
        ]
        for name in tables
    }
    for municipality in reference["municipalities"]:
        municipality["stems"] = (municipality["stems"] or "").split("|")
    return reference


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def executors(reference: Mapping[str, Sequence[Mapping[str, Any]]]) -> set[str]:
    """Codes of the organisations that can receive assignments: those named by a rule."""
    return {rule["organisation"] for rule in reference["rules"]}


async def load_demo(admin: AsyncClient, file: Path, note: Note) -> Credentials:
    """Load the region if it is empty, make the clients that `file` lacks, and write it (mode 0600).

    When everything is there already, nothing is created.
    """
    reference = read_reference()
    note("Loading region 46", 0, 1)
    await _load_reference(admin, reference)
    note("Loading region 46", 1, 1)
    wanted = _wanted_clients(await _organisation_ids(admin, executors(reference)))
    credentials = _read_credentials(file)
    found = await _answering(admin, credentials)
    missing = [one for one in wanted if _place_of(one) not in found]
    made = await _create_all(admin, missing, note)
    entries = {**found, **made}
    result = _arrange(wanted, entries)
    if result != credentials:
        write_private(file, json.dumps(result, ensure_ascii=False, indent=2) + "\n")
    return result


async def _load_reference(admin: AsyncClient, reference: Mapping[str, Any]) -> None:
    """Only into an empty region: what an administrator has changed since stays."""
    topics = await admin.request("GET", "/api/v1/topics", params={"region": REGION, "limit": 1})
    if not topics["items"]:
        await admin.request("PUT", f"/api/v1/reference/{REGION}", json=reference)


async def _organisation_ids(admin: AsyncClient, codes: set[str]) -> list[tuple[str, str]]:
    """(name, id) of the region's organisations with these codes, by name."""
    found: list[tuple[str, str]] = []
    cursor = ""
    while True:
        params = {"region": REGION, "limit": 1000, "cursor": cursor or None}
        page = await admin.request("GET", "/api/v1/organisations", params=params)
        found += [(item["name"], item["id"]) for item in page["items"] if item["code"] in codes]
        cursor = page.get("next_cursor") or ""
        if not cursor:
            return sorted(found)


def _wanted_clients(organisations: Iterable[tuple[str, str]]) -> list[Wanted]:
    roles = [Wanted(role, f"Demo {role}", regions) for role, regions in ROLES.items()]
    agencies = [Wanted("agency", name, [REGION], name, id) for name, id in organisations]
    return [*roles, *agencies]


def _place_of(wanted: Wanted) -> Place:
    return wanted.role, wanted.organisation_id


def _read_credentials(file: Path) -> Credentials:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _entries(credentials: Credentials) -> dict[Place, dict[str, str]]:
    """Every usable pair of id and secret in the file, by whose it is."""
    pairs: dict[Place, Any] = {(role, None): credentials.get(role) for role in ROLES}
    agencies = credentials.get("agencies")
    for agency in agencies if isinstance(agencies, list) else []:
        if isinstance(agency, dict):
            pairs["agency", agency.get("organisation_id")] = agency
    return {
        place: {name: str(pair[name]) for name in ("client_id", "client_secret")}
        for place, pair in pairs.items()
        if isinstance(pair, dict) and "client_id" in pair and "client_secret" in pair
    }


async def _answering(admin: AsyncClient, credentials: Credentials) -> dict[Place, dict[str, str]]:
    """Those entries of the file whose clients still get a token.

    Clients the gateway has never heard of are not tried: too many refusals would make it close its door on us.
    """
    entries = _entries(credentials)
    if not entries:
        return {}
    known = await _living_clients(admin)

    async def try_one(place: Place) -> bool:
        entry = entries[place]
        return entry["client_id"] in known and await _gets_token(admin, entry)

    answers = await _in_parallel(entries, try_one)
    return {place: entry for place, entry in entries.items() if answers[place]}


async def _living_clients(admin: AsyncClient) -> set[str]:
    living: set[str] = set()
    cursor = ""
    while True:
        page = await admin.request("GET", "/api/v1/clients", params={"limit": 1000, "cursor": cursor or None})
        living |= {item["id"] for item in page["items"] if not item["revoked_at"]}
        cursor = page.get("next_cursor") or ""
        if not cursor:
            return living


async def _gets_token(admin: AsyncClient, entry: Mapping[str, str]) -> bool:
    form = {"grant_type": "client_credentials", **entry}
    try:
        await admin.connection.send(Call("POST", "/oauth/token", form=form, authorised=False))
    except ProblemError as problem:
        if problem.is_passing:
            raise
        return False
    return True


async def _create_all(
    admin: AsyncClient, missing: Sequence[Wanted], note: Note
) -> dict[Place, dict[str, str]]:
    if not missing:
        return {}
    done = 0
    by_place = {_place_of(wanted): wanted for wanted in missing}

    async def create(place: Place) -> dict[str, str]:
        nonlocal done
        headers = {"Idempotency-Key": str(uuid4())}
        made = await admin.request("POST", "/api/v1/clients", json=by_place[place].body(), headers=headers)
        done += 1
        note("Creating clients", done, len(missing))
        return {"client_id": made["client_id"], "client_secret": made["client_secret"]}

    return await _in_parallel(by_place, create)


async def _in_parallel(places: Iterable[Place], act: Callable[[Place], Awaitable[T]]) -> dict[Place, T]:
    """`act` for each place, a few at a time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def guarded(place: Place) -> tuple[Place, T]:
        async with free:
            return place, await act(place)

    return dict(await asyncio.gather(*(guarded(place) for place in places)))


def _arrange(wanted: Sequence[Wanted], entries: Mapping[Place, dict[str, str]]) -> Credentials:
    """The file's content: exactly the shape promised in the public contract."""
    roles: Credentials = {role: entries[role, None] for role in ROLES}
    agencies = [
        {
            "organisation": one.organisation,
            "organisation_id": one.organisation_id,
            **entries[_place_of(one)],
        }
        for one in wanted
        if one.role == "agency"
    ]
    return {**roles, "agencies": agencies}
