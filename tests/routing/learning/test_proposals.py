"""Topics a region lacks: groups that no topic fits, kept with examples, decided by coordinators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from harness.resources import worker_sessions
from services.routing.classifier.protocol import Prediction
from services.routing.learning.actions import proposals
from services.routing.learning.actions.children import compute
from services.routing.learning.rules import proposals as finder
from services.routing.learning.rules.parcels import Parcel
from services.routing.learning.rules.proposals import (
    Misfit,
    ProposalOrder,
    Proposals,
    find_groups,
    is_alike,
)
from tests.routing.conftest import Routing, Said, appeal

WEEK = 7 * 24 * 3600.0


class Named:
    """A group as a finder gives it."""

    def __init__(self, words: Sequence[str], members: Sequence[int]) -> None:
        self.words, self.members = words, members


def by_first_word(texts: Sequence[str], _: Sequence[Prediction]) -> list[Named]:
    """The simplest grouping there is."""
    words = sorted({text.split()[0].lower() for text in texts})
    return [Named([w], [n for n, text in enumerate(texts) if text.lower().startswith(w)]) for w in words]


def test_groups_come_with_weeks_and_the_most_typical_examples() -> None:
    misfits = [Misfit(assignment_id=f"{n}", text=f"Самокат {n}", came_at=n * WEEK / 2) for n in range(15)]
    misfits.append(Misfit(assignment_id="x", text="Борщевик", came_at=0.0))
    order = ProposalOrder(misfits=misfits, since=0.0, until=8 * WEEK - 1)
    first, second = find_groups(order, [], by_first_word)
    assert (first.words, first.size, first.examples) == (["самокат"], 15, [f"{n}" for n in range(10)])
    assert first.weeks == [2, 2, 2, 2, 2, 2, 2, 1]
    assert (second.words, second.size) == (["борщевик"], 1)
    assert is_alike(["a", "b", "c"], ["a", "b", "c", "d"])
    assert not is_alike(["a", "b"], ["b", "c"])


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> list[ProposalOrder]:
    """Grouping by first words in place of the child; the orders it got."""
    orders: list[ProposalOrder] = []

    async def group(_: str, parcel: Parcel) -> Parcel:
        orders.append(ProposalOrder.model_validate_json(parcel.head))
        groups = find_groups(orders[-1], [], by_first_word)
        return Parcel(Proposals(groups=groups).model_dump_json().encode(), b"")

    monkeypatch.setattr(proposals, "compute", group)
    return orders


async def test_what_fits_no_topic_is_proposed(
    routing: Routing, look: asyncpg.Connection, in_process: list[ProposalOrder]
) -> None:
    """Also what was sent on since; not what the model is sure of, and not what a citizen chose."""
    routing.classifier.told |= {"Самокат": Said("Ямы на дорогах", 0.1), "Борщевик": Said("Такой нет", 0.9)}
    await routing.handle(
        *(appeal(f"Самокат {n}") for n in range(20)), *(appeal("Борщевик") for _ in range(15))
    )
    await routing.handle(appeal("Яма"), appeal("Самокат", topic="holes"))
    await proposals.propose_topics(worker_sessions(routing.app))
    assert len(in_process[0].misfits) == 35
    first, second = sorted(await listed(routing), key=lambda item: -item["appeals"])
    assert (first["words"], first["appeals"], first["status"], sum(first["weeks"])) == (
        ["самокат"],
        20,
        "new",
        20,
    )
    assert {each["text"][:7] for each in first["examples"]} == {"Самокат"}
    assert len(first["examples"]) == 10
    assert second["words"] == ["борщевик"]
    assert (
        await look.fetchval(
            "SELECT count(*) FROM routing.topic_proposal WHERE examples::text LIKE '%амокат%'"
        )
        == 0
    )


async def test_what_was_dismissed_is_not_proposed_again(
    routing: Routing, look: asyncpg.Connection, in_process: list[ProposalOrder]
) -> None:
    """What nobody has decided gives way to what is found the next night."""
    routing.classifier.told |= {"Самокат": Said("Нет", 0.1), "Борщевик": Said("Нет", 0.1)}
    await routing.handle(
        *(appeal(f"Самокат {n}") for n in range(20)), *(appeal("Борщевик") for _ in range(15))
    )
    sessions = worker_sessions(routing.app)
    await proposals.propose_topics(sessions)
    found = {item["words"][0]: item for item in await listed(routing)}
    scooters = found["самокат"]
    await decide(routing, {**scooters, "version": 5}, 412, status="dismissed")
    dismissed = await decide(routing, scooters, status="dismissed")
    assert (dismissed["status"], dismissed["version"]) == ("dismissed", 2)
    await decide(routing, dismissed, 409, status="accepted")
    await proposals.propose_topics(sessions)
    after = {item["words"][0]: item for item in await listed(routing)}
    assert after["самокат"]["status"] == "dismissed"
    assert after["борщевик"]["id"] != found["борщевик"]["id"]
    assert len(await listed(routing, status="new")) == 1
    elsewhere = routing.mint.headers("coordinator", ["59"])
    assert (await routing.call("GET", "/topics/proposals", elsewhere))["items"] == []
    await routing.call("GET", "/topics/proposals", routing.agency(), 403)
    path, body = f"/topics/proposals/{scooters['id']}", {"status": "accepted"}
    await routing.call("POST", path, elsewhere, 404, json=body, more={"If-Match": 2})


async def test_few_misfits_propose_nothing(routing: Routing, in_process: list[ProposalOrder]) -> None:
    routing.classifier.told["Самокат"] = Said("Нет", 0.1)
    await routing.handle(*(appeal("Самокат") for _ in range(29)))
    await proposals.propose_topics(worker_sessions(routing.app))
    assert in_process == []


async def test_the_process_that_looks_reads_its_order_and_answers() -> None:
    """Groups, or why there are none."""
    misfits = [Misfit(assignment_id=f"{n}", text=f"Самокат {n} мешает", came_at=1.0) for n in range(40)]
    order = ProposalOrder(misfits=misfits, since=0.0, until=WEEK)
    answer = await compute(finder.__name__, Parcel(order.model_dump_json().encode(), b""))
    found = Proposals.model_validate_json(answer.head)
    assert found.groups or found.error == "This classifier finds no groups."


async def listed(routing: Routing, **params: str) -> list[dict[str, Any]]:
    page = await routing.call("GET", "/topics/proposals", routing.mint.headers("coordinator"), params=params)
    items: list[dict[str, Any]] = page["items"]
    return items


async def decide(routing: Routing, item: dict[str, Any], expected: int = 200, **body: str) -> dict[str, Any]:
    answer: dict[str, Any] = await routing.call(
        "POST",
        f"/topics/proposals/{item['id']}",
        routing.mint.headers("coordinator"),
        expected,
        json=body,
        more={"If-Match": item["version"]},
    )
    return answer
