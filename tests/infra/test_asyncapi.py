"""The events as a document: what the services really publish, and what travelled in the past, is what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from infra.asyncapi import FILE, document, text
from infra.flows import EVENTS

SAMPLES = sorted((Path(__file__).resolve().parent.parent / "contracts" / "samples").glob("*.json"))


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document()


def test_the_kept_document_is_the_present_one() -> None:
    assert FILE.read_text(encoding="utf-8") == text()


def test_every_event_is_sent_by_one_service_and_received_by_those_that_handle_it(
    described: dict[str, Any],
) -> None:
    assert set(described["channels"]) == {event.SUBJECT for event in EVENTS}
    senders = [name for name, each in described["operations"].items() if each["action"] == "send"]
    assert len(senders) == len(EVENTS)
    received = {name for name, each in described["operations"].items() if each["action"] == "receive"}
    assert "routing.receives.AppealRegistered" in received
    for each in described["operations"].values():
        assert each["channel"]["$ref"].removeprefix("#/channels/") in described["channels"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_payload_of_the_past_is_what_it_says(described: dict[str, Any], sample: Path) -> None:
    envelope = json.loads(sample.read_text())
    messages = [
        each for each in described["components"]["messages"].values() if each["name"] == envelope["type"]
    ]
    assert len(messages) == 1
    schema = {**messages[0]["payload"], "components": described["components"]}
    Draft202012Validator(schema).validate(envelope)
    broken = {**envelope, "type": "something.else.happened.v1"}
    assert not Draft202012Validator(schema).is_valid(broken)
