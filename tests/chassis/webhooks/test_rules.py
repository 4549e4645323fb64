"""What is signed, what is repeated when, and which addresses are nobody's to choose."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.webhooks.rules.addresses import parse_networks, reach_of
from chassis.webhooks.rules.messages import WebhookMessage, is_wanted
from chassis.webhooks.rules.retrying import (
    LONGEST_WAIT,
    PATIENCE,
    CallResult,
    Tried,
    judge,
    judge_status,
    wait_after,
)
from chassis.webhooks.rules.signing import sign, signed_headers, write_secret

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
CALL = UUID("01a2259d-592f-7000-8000-000000000001")


def test_a_signature_is_the_published_one() -> None:
    """HMAC-SHA256 over `id.timestamp.body` with the secret's bytes, in base64, as the standard has it."""
    raw = bytes(range(32))
    secret = write_secret(raw)
    assert secret == "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    body = b'{"type":"appeal.status"}'
    message = b"01a2259d-592f-7000-8000-000000000001.1764579600." + body
    expected = base64.b64encode(hmac.new(raw, message, hashlib.sha256).digest()).decode()
    assert sign(secret, CALL, 1764579600, body) == f"v1,{expected}"
    assert sign(secret, CALL, 1764579601, body) != f"v1,{expected}"


def test_a_call_is_signed_with_every_secret_that_is_good() -> None:
    new, old = write_secret(b"n" * 32), write_secret(b"o" * 32)
    headers = signed_headers([new, old], CALL, NOW, b"{}")
    sent = int(NOW.timestamp())
    assert headers == {
        "webhook-id": str(CALL),
        "webhook-timestamp": str(sent),
        "webhook-signature": f"{sign(new, CALL, sent, b'{}')} {sign(old, CALL, sent, b'{}')}",
    }


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.2.1", "198.18.0.1", "224.0.0.1",
        "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:a9fe:a9fe", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe",
        "2002:7f00:1::", "2001::1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fc00::1", "ff02::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused_however_it_is_written(address: str) -> None:
    assert reach_of(address, ()) == "refused"


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "77.88.55.242", "2a02:6b8::2:242", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_may_be_called(address: str) -> None:
    assert reach_of(address, ()) == "public"


def test_listed_networks_may_be_called_and_only_they() -> None:
    listed = parse_networks("10.20.0.0/16, 192.168.7.5,fd12::/32")
    for address in ("10.20.3.4", "::ffff:10.20.3.4", "192.168.7.5", "fd12::9"):
        assert reach_of(address, listed) == "listed"
    for address in ("10.21.3.4", "192.168.7.6", "fd13::9", "2002:0a14:0304::"):
        assert reach_of(address, listed) == "refused"
    assert parse_networks(" ") == ()
    with pytest.raises(ValueError, match="intranet"):
        parse_networks("10.0.0.0/8, intranet")


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(address: object) -> None:
    assert reach_of(f"::ffff:{address}", ()) == reach_of(str(address), ())


FRESH = Tried(is_test=False, attempts=0, first_tried_at=NOW, failures=0, failing_since=None)


def test_what_an_answer_means() -> None:
    for status in (200, 201, 202, 204, 299):
        assert judge_status(status).problem is None
    assert judge_status(302) == CallResult(302, "redirect")
    for status in (400, 404, 410, 429, 500, 503):
        assert judge_status(status) == CallResult(status, "status")
    assert judge(replace(FRESH, attempts=9, failures=9), CallResult(204), NOW, 0.5).state == "delivered"


def test_waits_grow_to_six_hours_and_are_spread() -> None:
    waits = [wait_after(failures, 0.5) for failures in range(1, 9)]
    assert waits[:4] == [
        timedelta(seconds=5),
        timedelta(seconds=20),
        timedelta(seconds=80),
        timedelta(seconds=320),
    ]
    assert waits[-1] == wait_after(10**6, 0.5) == LONGEST_WAIT
    assert wait_after(1, 0.0) == timedelta(seconds=4) < wait_after(1, 0.999) <= timedelta(seconds=6)


def test_after_three_days_a_webhook_is_paused_and_the_event_still_waits() -> None:
    failed = CallResult(503, "status")
    early = judge(
        replace(FRESH, attempts=7, failing_since=NOW), failed, NOW + PATIENCE - timedelta(seconds=1), 0.5
    )
    assert (early.state, early.paused_because) == ("waiting", None)
    since = NOW - PATIENCE
    for tried in (replace(FRESH, first_tried_at=since), replace(FRESH, failing_since=since)):
        late = judge(tried, failed, NOW, 0.5)
        assert (late.state, late.paused_because) == ("waiting", "undeliverable")


def test_a_receiver_that_is_gone_is_believed_at_once_and_a_test_is_not_repeated() -> None:
    assert judge(FRESH, judge_status(410), NOW, 0.5).paused_because == "gone"
    test = judge(replace(FRESH, is_test=True), judge_status(410), NOW, 0.5)
    assert (test.state, test.paused_because) == ("failed", None)


def test_what_is_called_holds_no_texts() -> None:
    call = WebhookMessage("appeal.status", NOW, CALL, "46-2026-0000042", "in_work", 3, "portal-7")
    assert call.body() == (
        '{"type":"appeal.status","timestamp":"2026-12-01T09:00:00+00:00","data":{"id":"01a2259d-592f-7000-8000-000000000001",'
        '"number":"46-2026-0000042","status":"in_work","version":3,"external_id":"portal-7"}}'
    )
    assert "external_id" not in WebhookMessage("appeal.status", NOW, CALL, "1", "in_work", 3).body()


def test_which_events_are_wanted() -> None:
    for events in (["appeal.*"], ["appeal.answer", "appeal.status"]):
        assert is_wanted("appeal.status", events)
    for events in (["appeal.answer"], ["assignment.*"], []):
        assert not is_wanted("appeal.status", events)
