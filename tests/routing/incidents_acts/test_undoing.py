"""Splitting, merging, and undoing: afterwards everything is as it was, to the letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from tests.conftest import size
from tests.routing.conftest import LIGHTS, ROADS, Routing, told
from tests.routing.incidents_acts.incidents import Event, happened

STATE = """
SELECT a.id, a.organisation_id, a.topic, a.status, a.accepted_at, a.external_ref, a.person,
    r.incident_id, r.joined_by, r.similarity, r.kept_out
FROM routing.assignment a JOIN routing.incident_report r ON r.assignment_id = a.id ORDER BY a.id
"""
INCIDENTS = """
SELECT id, status, title, topic, organisation_id, appeals, started_at, last_at, merged_into FROM routing.incident ORDER BY id
"""


async def state(look: asyncpg.Connection) -> list[tuple[Any, ...]]:
    """Assignments and to what they belong."""
    return [tuple(each) for each in await look.fetch(STATE)]


async def incidents(look: asyncpg.Connection, *but: UUID) -> list[tuple[Any, ...]]:
    """Incidents as officials see them, without some."""
    return [tuple(each) for each in await look.fetch(INCIDENTS) if each["id"] not in but]


async def test_a_split_is_an_incident_of_its_own_and_comes_back(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = await happened(routing, look, [ROADS, ROADS, ROADS, LIGHTS])
    await event.act("confirm")
    before = await state(look), await incidents(look)
    wrong = await event.act("split", 422, appeals=[str(event.appeals[0]), str(uuid7())])
    assert wrong["errors"][0]["pointer"] == "/appeals/1"
    await event.act("split", 422, appeals=[str(each) for each in event.appeals])
    leaving = [str(event.appeals[0]), str(event.appeals[3])]
    split = await event.act("split", 201, appeals=leaving, title="Другая яма", more={"Idempotency-Key": "k"})
    again = await event.act(
        "split", 201, appeals=leaving, title="Другая яма", version=2, more={"Idempotency-Key": "k"}
    )
    assert again["id"] == split["id"]
    assert (split["status"], split["title"], split["appeals"]) == ("confirmed", "Другая яма", 2)
    assert split["organisation"]["id"] == str(ROADS)
    old = await event.row()
    assert (old["appeals"], old["touched"], old["version"]) == (2, True, 3)
    new = Event(routing, look, UUID(split["id"]), [], [])
    assert {(each["joined_by"], each["kept_out"]) for each in await new.members()} == {("person", False)}
    undone = await new.act("undo")
    assert (undone["status"], undone["appeals"]) == ("undone", 0)
    assert (await state(look), await incidents(look, new.id)) == before
    await new.act("undo", 409)


async def test_what_a_person_took_out_alone_is_joined_by_no_rule(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = await happened(routing, look, [ROADS, ROADS, ROADS])
    single = await event.act("split", 201, appeals=[str(event.appeals[1])])
    assert (single["status"], single["appeals"]) == ("proposed", 1)
    alone = Event(routing, look, UUID(single["id"]), [], [])
    assert [each["kept_out"] for each in await alone.members()] == [True]
    await event.act("undo")
    rows = await look.fetch(
        "SELECT incident_id, joined_by, similarity, kept_out FROM routing.incident_report WHERE assignment_id = ANY($1)",
        [event.assignments[0], event.assignments[2]],
    )
    assert {tuple(each) for each in rows} == {(None, None, None, True)}
    await alone.act("undo")
    assert {each[-4:] for each in await state(look)} == {(None, None, None, True)}, (
        "its incident is gone, too"
    )


async def test_merged_incidents_come_out_as_they_were(routing: Routing, look: asyncpg.Connection) -> None:
    lit = await happened(routing, look, [LIGHTS, LIGHTS, ROADS], title="Темно")
    await lit.act("confirm")
    (taken,) = await routing.claim(LIGHTS, limit=1)
    await routing.act(taken, "accept", by=LIGHTS, external_ref="ВХ-7")
    event = await happened(routing, look, [ROADS, ROADS])
    await event.act("confirm")
    before = await state(look), await incidents(look)
    await event.act("merge", 422, into=str(event.id))
    await event.act("merge", 404, into=str(uuid7()))
    merged = await lit.act("merge", into=str(event.id))
    assert (merged["id"], merged["appeals"], merged["moved"]) == (str(event.id), 5, 3)
    gone = await lit.row()
    assert (gone["status"], gone["merged_into"], gone["appeals"]) == ("undone", event.id, 0)
    assert set(await event.holders()) == {ROADS}
    await lit.act("undo", 409)
    await event.act("undo")
    after = await state(look), await incidents(look)
    assert [each for each in after[1] if each[0] == lit.id] == [
        each for each in before[1] if each[0] == lit.id
    ]
    assert [each for each in after[0] if each[0] in lit.assignments] == [
        each for each in before[0] if each[0] in lit.assignments
    ]
    accepted = await look.fetchrow(
        "SELECT status, external_ref FROM routing.assignment WHERE id = $1", UUID(taken["id"])
    )
    assert tuple(accepted) == ("accepted", "ВХ-7")
    assert len(await told(look, "assignment.accepted")) == 2, "others hear that it is in work again"
    await lit.act("undo")
    assert (await lit.row())["status"] == "undone"
    assert [each[1] for each in await state(look) if each[0] in lit.assignments] == [LIGHTS, LIGHTS, ROADS]


async def test_what_somebody_has_worked_on_since_stays_with_them(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = await happened(routing, look, [ROADS, ROADS, ROADS, LIGHTS, LIGHTS, None])
    (reason,) = (each["triage_reason"] for each in await routing.triage())
    await event.act("confirm")
    members = {each["id"]: each for each in await event.members()}
    first, second, third = event.assignments[3:]
    await routing.act({"id": first, "version": members[first]["version"]}, "accept")
    undone = await event.act("undo")
    assert undone["moved"] == 2
    assert undone["staying"] == [{"why": "worked_on", "appeals": 1}]
    rows = {each[0]: each[1:4] for each in await state(look)}
    assert [rows[each] for each in (first, second, third)] == [
        (ROADS, "lamps", "accepted"),
        (LIGHTS, "lamps", "new"),
        (None, "holes", "triage"),
    ]
    assert [each["triage_reason"] for each in await routing.triage()] == [reason]
    last = (await told(look, "assignment.corrected"))[-2:]
    assert [
        (each["organisation"] and each["organisation"]["id"], each["previous_organisation_id"])
        for each in last
    ] == [
        (str(LIGHTS), str(ROADS)),
        (None, str(ROADS)),
    ]


async def test_what_goes_back_says_to_which_version(routing: Routing, look: asyncpg.Connection) -> None:
    event = await happened(routing, look, [ROADS, ROADS, LIGHTS])
    (*_, moved) = await event.members()
    await event.act("confirm")
    await event.act("undo")
    _, back = await told(look, "assignment.corrected")
    assert (back["assignment_id"], back["back_to"]) == (str(moved["id"]), moved["version"])


async def test_who_has_it_after_all_goes_on_where_it_was(routing: Routing, look: asyncpg.Connection) -> None:
    """Split off and given to a lead; where it came from goes to the same lead meanwhile; the split is undone."""
    whole = await happened(routing, look, [ROADS, ROADS, LIGHTS, LIGHTS])
    other = await happened(routing, look, [ROADS, ROADS])
    leaving = [str(each) for each in whole.appeals[:3]]
    split = Event(routing, look, UUID((await whole.act("split", 201, appeals=leaving))["id"]), [], [])
    await split.act("confirm")
    await other.act("confirm")
    await whole.act("merge", into=str(other.id))
    (held,) = (each for each in await split.members() if each["id"] == whole.assignments[2])
    await split.act("undo")
    back, again = (await told(look, "assignment.corrected"))[-2:]
    assert {each["assignment_id"] for each in (back, again)} == {str(held["id"])}
    assert (again["organisation"]["id"], back["back_to"], again["back_to"]) == (
        str(ROADS),
        held["version"] - 1,
        held["version"],
    )


@dataclass
class World:
    """All incidents of an example."""

    routing: Routing
    look: asyncpg.Connection
    events: dict[UUID, Event] = field(default_factory=dict)

    async def open_ones(self) -> list[Event]:
        """Those that can be acted on, in a fixed order."""
        rows = await self.look.fetch(
            "SELECT id FROM routing.incident WHERE status IN ('proposed', 'confirmed') AND id = ANY($1) ORDER BY id",
            list(self.events),
        )
        return [self.events[each["id"]] for each in rows]

    async def act(self, verb: str, place: int, number: int) -> UUID | None:
        """Something that a person does; the incident whose undoing takes it back, if there is one."""
        events = await self.open_ones()
        if not events:
            return None
        event = events[place % len(events)]
        members = await event.members()
        if verb == "confirm" and (await event.row())["status"] == "proposed" and any(await event.holders()):
            await event.act("confirm")
        elif verb == "split" and len(members) > 1:
            leaving = [str(each["appeal_id"]) for each in members[: 1 + number % (len(members) - 1)]]
            split = await event.act("split", 201, appeals=leaving)
            self.events[UUID(split["id"])] = Event(self.routing, self.look, UUID(split["id"]), [], [])
            return UUID(split["id"])
        elif verb == "merge" and len(events) > 1:
            into = events[(place + 1) % len(events)]
            await event.act("merge", into=str(into.id))
        elif verb == "undo":
            await event.act("undo")
        return None


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["confirm", "split", "merge", "split", "merge", "undo"]),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    max_size=8,
)
HOLDERS = st.lists(
    st.lists(st.sampled_from([ROADS, LIGHTS, None]), min_size=1, max_size=4), min_size=2, max_size=3
)


async def _undo_everything(world: World, order: Sequence[int]) -> None:
    for place in (*order, *[0] * 40):
        events = await world.open_ones()
        if not events:
            return
        await events[place % len(events)].act("undo")
    raise AssertionError("some incident never ends")


@settings(
    max_examples=size(12, 150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(HOLDERS, ACTS, st.lists(st.integers(0, 5), max_size=6))
async def test_whatever_was_done_undoing_all_of_it_restores_everything(
    routing: Routing,
    look: asyncpg.Connection,
    holders: list[list[UUID | None]],
    acts: list[tuple[str, int, int]],
    order: list[int],
) -> None:
    """Every assignment is with whom it was, as it was; every appeal stands alone; and a split that is undone at once has never
    been."""
    world = World(routing, look)
    for each in holders:
        event = await happened(routing, look, each)
        world.events[event.id] = event
    before = [each[:7] for each in await state(look)]
    for act in acts:
        here = await state(look), await incidents(look)
        split = await world.act(*act)
        if split is not None and act[2] % 2:
            await world.events[split].act("undo")
            assert (await state(look), await incidents(look, split)) == here
    await _undo_everything(world, order)
    after = await state(look)
    assert [each[:7] for each in after] == before
    own = {id for each in world.events.values() for id in each.assignments}
    assert {each[7:] for each in after if each[0] in own} == {(None, None, None, True)}
    counted = await look.fetch(
        "SELECT DISTINCT status, appeals FROM routing.incident WHERE id = ANY($1)", list(world.events)
    )
    assert [tuple(each) for each in counted] == [("undone", 0)]
