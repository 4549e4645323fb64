"""Errors say under which key the request went out, so that its repeat does nothing twice."""

from __future__ import annotations

import pytest

from otklik_client import Client, NotReachable, ProblemError
from otklik_client.models import Claim
from tests.clients.standin import Line, Standin, problem


def test_what_was_not_answered_is_repeated_by_the_key_of_the_error(standin: Standin, line: Line) -> None:
    """It may have been done: another key would do it twice."""
    with Client(line.url, "portal", "right", patience=0.05) as client:
        client.authenticate()
        line.cuts.extend([0] * 20)
        with pytest.raises(NotReachable) as caught:
            client.queue.claim_assignments(Claim(limit=1))
    with Client(standin.url, "portal", "right") as client:
        client.queue.claim_assignments(Claim(limit=1), idempotency_key=caught.value.idempotency_key)
        standin.instead.append(problem(403, "forbidden"))
        with pytest.raises(ProblemError) as refused:
            client.queue.claim_assignments(Claim(limit=1), idempotency_key="mine")
    keys = {request[2]["idempotency-key"] for request in standin.seen("/api/v1/queue/claim")}
    assert keys == {caught.value.idempotency_key, "mine"}
    assert refused.value.idempotency_key == "mine"
    with Client("http://127.0.0.1:1", "portal", "right", patience=0) as client:
        with pytest.raises(NotReachable) as unheard:
            client.queue.claim_assignments(Claim(limit=1), idempotency_key="mine")
        assert unheard.value.idempotency_key == "mine", "it was the token that could not be fetched"
