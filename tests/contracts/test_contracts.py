"""Contracts only grow, and what was once said can still be read."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.event import Event, publisher_of, stream_of
from infra.flows import EVENTS
from tests.contracts.schemas import breaks, problems, schema_of

SAMPLES = Path(__file__).parent / "samples"
BY_SUBJECT = {event.SUBJECT: event for event in EVENTS}


def test_the_stored_schemas_are_those_of_the_classes() -> None:
    """A changed event without a new version, or an unstored one, is named."""
    assert problems() == []


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.SUBJECT)
def test_subjects_name_their_publisher_and_version(event: type[Event]) -> None:
    """`<service>.<noun>.<past>.v<n>`, in a file of its publisher (`routing.py`, `routing_answers.py`)."""
    publisher, noun, past, version = event.SUBJECT.split(".")
    assert event.__module__.split("_")[0] == f"contracts.{publisher}"
    assert noun.isidentifier()
    assert past.isidentifier()
    assert version[0] == "v"
    assert int(version[1:]) >= 1
    assert publisher_of(event.SUBJECT) == publisher
    assert stream_of(event.SUBJECT) == publisher.upper()


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.json")), ids=lambda file: file.stem)
def test_old_payloads_can_still_be_read(file: Path) -> None:
    """A payload stored when the version was published parses, and comes out the same where it has values."""
    envelope = json.loads(file.read_text())
    event = BY_SUBJECT[envelope["type"]].from_envelope(envelope)
    again = orjson.loads(orjson.dumps(event.envelope()))
    for name, value in envelope["data"].items():
        assert name in again["data"], name
        if isinstance(value, str) and "T" not in value:
            assert again["data"][name] == value


def test_every_event_has_an_old_payload() -> None:
    """So that the test above misses none."""
    assert {json.loads(file.read_text())["type"] for file in SAMPLES.glob("*.json")} == set(BY_SUBJECT)


def test_unknown_fields_are_ignored() -> None:
    """A newer publisher may say more than this reader knows."""
    envelope = json.loads(next(SAMPLES.glob("intake.appeal.registered.v1.json")).read_text())
    envelope["data"]["from_the_future"] = 1
    assert BY_SUBJECT[envelope["type"]].from_envelope(envelope).region == envelope["data"]["region"]


def _without(schema: dict[str, Any], name: str) -> dict[str, Any]:
    changed = copy.deepcopy(schema)
    del changed["properties"][name]
    return changed


def test_the_check_sees_a_removed_a_retyped_and_a_required_field() -> None:
    """The guard itself can fail."""
    schema = schema_of(BY_SUBJECT["intake.appeal.registered.v1"])
    assert breaks(schema, schema) == []
    assert breaks(schema, _without(schema, "text")) == ["text: removed"]
    retyped = copy.deepcopy(schema)
    retyped["properties"]["number"]["type"] = "integer"
    assert breaks(schema, retyped) == ["number: another type"]
    required = copy.deepcopy(schema)
    required["required"].append("address")
    assert breaks(schema, required) == ["address: newly required"]
