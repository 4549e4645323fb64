"""The demo region: reference data, and a client for everybody who takes part."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from infra.local.files import write_private
from otklik.demo_people import DemoPerson, load_people
from otklik.files.reference import read_folder
from otklik_client import AsyncClient, ProblemError
from otklik_client.models import ClientCreate, NewRoutingSettings, NewWidget

REGION = "46"
FOLDER = Path(__file__).resolve().parent.parent / "infra" / "demo" / f"region_{REGION}"
EVERYWHERE = "*"
REQUESTS_PER_MINUTE = 10_000_000  # the widest the gateway takes: the demo is for load tests too
AT_ONCE = 8
FORM_TITLE = "Сообщить о проблеме в Курской области"
ROLES: Mapping[str, list[str]] = {
    "portal": [REGION],
    "coordinator": [REGION],
    "analyst": [REGION],
    "federal": [EVERYWHERE],
    "admin": [EVERYWHERE],
}
Reference = Mapping[str, Sequence[Mapping[str, Any]]]  # table → rows
CredentialsFile = dict[str, Any]  # the content of credentials.json
ReportProgress = Callable[
    [str, int, int], None
]  # what is being done, how much of it is done, how much there is
T = TypeVar("T")


class Owner(NamedTuple):
    """Whose client it is: a role and, for agencies, an organisation."""

    role: str
    organisation_id: str | None = None


@dataclass(frozen=True)
class Credentials:
    """What gets a token."""

    client_id: str
    client_secret: str

    @classmethod
    def of(cls, entry: object) -> Credentials | None:
        """From an entry of the file; None where it holds none."""
        if isinstance(entry, dict) and entry.keys() >= {"client_id", "client_secret"}:
            return cls(str(entry["client_id"]), str(entry["client_secret"]))
        return None


@dataclass(frozen=True)
class DemoClient:
    """A client the demo needs. `organisation` is the name of an agency's one."""

    owner: Owner
    name: str
    regions: list[str]
    organisation: str | None = None

    def body(self) -> ClientCreate:
        """What to post."""
        return ClientCreate.model_validate(
            {
                "name": self.name,
                "role": self.owner.role,
                "regions": self.regions,
                "requests_per_minute": REQUESTS_PER_MINUTE,
                "organisation_id": self.owner.organisation_id,
            }
        )


def read_reference(folder: Path = FOLDER) -> Reference:
    """The body of `PUT /api/v1/reference/46`: the CSV files, empty cells as null, lists and numbers as such."""
    return read_folder(folder).tables


def executors(reference: Reference) -> set[str]:
    """Codes of the organisations that can receive assignments: those named by a rule."""
    return {rule["organisation"] for rule in reference["rules"]}


async def load_demo(admin: AsyncClient, file: Path, report: ReportProgress) -> CredentialsFile:
    """Load the region if it is empty, make the clients that `file` lacks, and write it (mode 0600).

    When everything is there already, nothing is created.
    """
    reference = read_reference()
    report("Loading region 46", 0, 1)
    await _load_reference(admin, reference)
    await _offer_form(admin)
    report("Loading region 46", 1, 1)
    wanted = _wanted_clients(await _organisation_ids(admin, executors(reference)))
    content = _read_credentials(file)
    found = await _answering(admin, content)
    missing = [client for client in wanted if client.owner not in found]
    created = await _create_all(admin, missing, report)
    report("Creating people", 0, 1)
    people = await load_people(admin, _wanted_people(wanted), content.get("people"))
    report("Creating people", 1, 1)
    result = {**_arrange(wanted, {**found, **created}), "people": people}
    if result != content:
        write_private(file, json.dumps(result, ensure_ascii=False, indent=2) + "\n")
    return result


async def _load_reference(admin: AsyncClient, reference: Reference) -> None:
    """Only into an empty region: what an administrator has changed since stays."""
    topics = await admin.reference.list_topics(region=REGION, limit=1).page()
    if not topics.items:
        await admin.request("PUT", f"/api/v1/reference/{REGION}", body=reference)
        settings = await admin.reference.read_settings(REGION)
        wanted = NewRoutingSettings.of(settings, review_mode="risk")
        await admin.reference.replace_settings(REGION, wanted, if_match=settings)


async def _offer_form(admin: AsyncClient) -> None:
    """The form of the citizens' own page; what an administrator has made of it since stays."""
    known = [form async for form in admin.widgets.list_widgets(region=REGION)]
    if not any(form.listed or form.title == FORM_TITLE for form in known):
        form = NewWidget(region=REGION, title=FORM_TITLE, listed=True)
        await admin.widgets.create_widget(form, idempotency_key="demo form")


async def _organisation_ids(admin: AsyncClient, codes: Collection[str]) -> list[tuple[str, str]]:
    """(name, id) of the region's organisations with these codes, by name."""
    organisations = admin.reference.list_organisations(region=REGION)
    return sorted([(item.name, str(item.id)) async for item in organisations if item.code in codes])


def _wanted_clients(organisations: Iterable[tuple[str, str]]) -> list[DemoClient]:
    roles = [DemoClient(Owner(role), f"Demo {role}", regions) for role, regions in ROLES.items()]
    agencies = [DemoClient(Owner("agency", id), name, [REGION], name) for name, id in organisations]
    return [*roles, *agencies]


def _wanted_people(clients: Sequence[DemoClient]) -> list[DemoPerson]:
    """One of each role of a client, but for portals, which nobody signs in to; of an agency the first."""
    people = [DemoPerson(role, regions) for role, regions in ROLES.items() if role != "portal"]
    agencies = (client for client in clients if client.owner.role == "agency")
    first = [DemoPerson("agency", each.regions, each.owner.organisation_id) for each in agencies][:1]
    return [*first, *people]


def _read_credentials(file: Path) -> CredentialsFile:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _usable(content: CredentialsFile) -> dict[Owner, Credentials]:
    """Every usable pair of id and secret in the file, by whose it is."""
    entries: dict[Owner, object] = {Owner(role): content.get(role) for role in ROLES}
    agencies = content.get("agencies")
    for agency in agencies if isinstance(agencies, list) else []:
        if isinstance(agency, dict):
            entries[Owner("agency", agency.get("organisation_id"))] = agency
    pairs = {owner: Credentials.of(entry) for owner, entry in entries.items()}
    return {owner: pair for owner, pair in pairs.items() if pair}


async def _answering(admin: AsyncClient, content: CredentialsFile) -> dict[Owner, Credentials]:
    """Those entries of the file whose clients still get a token.

    Clients the gateway does not know are not tried: too many refusals would make it refuse this address for a while.
    """
    entries = _usable(content)
    if not entries:
        return {}
    known = {item.id async for item in admin.clients.list_clients() if not item.revoked_at}

    async def answers(owner: Owner) -> bool:
        return entries[owner].client_id in known and await _gets_token(admin, entries[owner])

    answering = await _in_parallel(entries, answers)
    return {owner: entry for owner, entry in entries.items() if answering[owner]}


async def _gets_token(admin: AsyncClient, credentials: Credentials) -> bool:
    try:
        await admin.tokens.request_token(**asdict(credentials))
    except ProblemError as problem:
        if problem.is_passing:
            raise
        return False
    return True


async def _create_all(
    admin: AsyncClient, missing: Sequence[DemoClient], report: ReportProgress
) -> dict[Owner, Credentials]:
    done = 0
    by_owner = {client.owner: client for client in missing}

    async def create(owner: Owner) -> Credentials:
        nonlocal done
        made = await admin.clients.create_client(by_owner[owner].body())
        done += 1
        report("Creating clients", done, len(missing))
        return Credentials(made.client_id, made.client_secret)

    return await _in_parallel(by_owner, create)


async def _in_parallel(owners: Iterable[Owner], act: Callable[[Owner], Awaitable[T]]) -> dict[Owner, T]:
    """`act` for each of them, a few at a time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def guarded(owner: Owner) -> tuple[Owner, T]:
        async with free:
            return owner, await act(owner)

    return dict(await asyncio.gather(*(guarded(owner) for owner in owners)))


def _arrange(wanted: Sequence[DemoClient], entries: Mapping[Owner, Credentials]) -> CredentialsFile:
    """The file's content: exactly the shape promised in the public contract."""
    roles = {role: asdict(entries[Owner(role)]) for role in ROLES}
    agencies = [
        {
            "organisation": client.organisation,
            "organisation_id": client.owner.organisation_id,
            **asdict(entries[client.owner]),
        }
        for client in wanted
        if client.organisation
    ]
    return {**roles, "agencies": agencies}
