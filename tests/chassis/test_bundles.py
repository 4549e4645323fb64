"""Bundles: every event travels once, in its order, and no message grows too large."""

from __future__ import annotations

from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.bundles import MOST_BYTES, MOST_EVENTS, PendingEvent, bundle, unbundle


def pending(
    number: int, subject: str = "intake.appeal.registered.v1", size: int = 0, replay: int = 0
) -> PendingEvent:
    payload = orjson.dumps({"number": number, "text": "x" * size}).decode()
    return PendingEvent(number, UUID(int=number), replay, subject, payload)


@given(
    st.lists(
        st.tuples(st.sampled_from(["a.b.c.v1", "a.d.e.v1"]), st.sampled_from([0, 10, 30_000, 200_000])),
        max_size=60,
    )
)
def test_every_event_travels_once_in_order_and_in_bounds(given_events: list[tuple[str, int]]) -> None:
    events = [pending(number, subject, size) for number, (subject, size) in enumerate(given_events)]
    bundles = bundle(events)
    for subject in {each.subject for each in events}:
        sent = [e["number"] for each in bundles if each.subject == subject for e in unbundle(each.data)]
        assert sent == [number for number, (its, _) in enumerate(given_events) if its == subject]
    for each in bundles:
        assert len(each.events) <= MOST_EVENTS
        assert len(each.events) == 1 or each.size <= MOST_BYTES
    assert len({each.message_id for each in bundles}) == len(bundles)


def test_a_crowd_fills_as_few_messages_as_allowed() -> None:
    assert [len(each.events) for each in bundle(pending(n) for n in range(2 * MOST_EVENTS + 50))] == [
        MOST_EVENTS,
        MOST_EVENTS,
        50,
    ]


def test_the_same_events_have_the_same_id_and_a_replay_another() -> None:
    first, again = bundle([pending(1), pending(2)]), bundle([pending(1), pending(2)])
    assert first[0].message_id == again[0].message_id
    assert bundle([pending(1), pending(2, replay=7)])[0].message_id != first[0].message_id
    assert bundle([pending(1), pending(3)])[0].message_id != first[0].message_id


def test_a_lone_envelope_is_its_own_bundle() -> None:
    """As other publishers, and versions of ours before bundles, send it."""
    assert unbundle(b'{"id": "1"}') == [{"id": "1"}]
    with pytest.raises(ValueError, match="unexpected"):
        unbundle(b"{not json")
