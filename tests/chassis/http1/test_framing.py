"""Where a request ends is decided as h11 decides it, or the request is refused: never a third reading."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.chassis.http1.mutations import Mutation
from tests.chassis.http1.requests import CASES, NEXT, SERVED, Case
from tests.chassis.http1.verdicts import Served, met, verdict
from tests.conftest import size


def assert_same_reading(ours: list[Served], data: bytes) -> None:
    """What was served is the beginning of h11's list: all of it, or less and then a refusal."""
    assert ours == verdict(data)[: len(ours)], data


def pieces_of(case: Case, bytewise: bool) -> list[bytes]:
    data = b"".join(case.pieces)
    return [data[at : at + 1] for at in range(len(data))] if bytewise else list(case.pieces)


@pytest.mark.parametrize("bytewise", [False, True], ids=["pieces", "bytewise"])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_a_request_is_read_as_h11_reads_it_or_refused(case: Case, bytewise: bool) -> None:
    data = b"".join(case.pieces)
    ours, written = await met(pieces_of(case, bytewise))
    assert_same_reading(ours, data)
    if case.name in SERVED:
        assert ours == verdict(data)
    refused = written.count(b"HTTP/1.1 4") + written.count(b"HTTP/1.1 5")
    assert refused <= 1
    assert written.count(b"HTTP/1.1 200") == len(ours)
    assert b"/evil" not in {target for _, target, _ in ours}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_an_early_answer_leaves_the_body_where_it_belongs(case: Case) -> None:
    early = case.on(b"/early", b"/next", b"/evil")
    ours, _ = await met(pieces_of(early, bytewise=False))
    targets = [(method, target) for method, target, _ in ours]
    wanted = [(method, target) for method, target, _ in verdict(b"".join(early.pieces))]
    # An early answer comes before the body is known to be good: one more than h11 may be served, never another.
    assert targets[: len(wanted)] == wanted[: len(targets)]
    assert all(target == b"/early" for _, target in targets[len(wanted) :])


@st.composite
def mutated(draw: st.DrawFn) -> list[bytes]:
    mutation = Mutation(draw(st.randoms(use_true_random=False)))
    data = mutation.of(b"".join(draw(st.sampled_from(CASES)).pieces))
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True) if a < b]


@given(mutated())
@example([b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n\r\n\r\n" + NEXT])
@settings(
    max_examples=size(600, 20_000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
def test_mutated_requests_get_no_third_reading(pieces: list[bytes]) -> None:
    ours, _ = asyncio.run(met(pieces))
    assert_same_reading(ours, b"".join(pieces))
