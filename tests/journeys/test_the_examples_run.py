"""The guides' programs as they stand: a portal sends, the organisation's system answers, a dashboard counts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from uuid import uuid4

import pytest

from gateway.pages.guides import EXAMPLES
from harness.system import Account, System
from tests.journeys.steps import holder

pytestmark = pytest.mark.in_order


def run(system: System, account: Account, program: str, *arguments: str) -> str:
    """What a program writes; it has nothing but an address and a client."""
    environment = {
        **os.environ,
        "OTKLIK_URL": system.url,
        "OTKLIK_CLIENT_ID": account.client_id,
        "OTKLIK_CLIENT_SECRET": account.client_secret,
    }
    done = subprocess.run(
        [sys.executable, program, *arguments],
        cwd=EXAMPLES,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_portal_sends_and_its_organisation_answers(system: System) -> None:
    own_id = f"example-{uuid4().hex[:8]}"
    portal = system.account("portal")
    sent = run(system, portal, "portal.py", own_id)
    number, code = sent.splitlines()[0].split()
    assert f"{own_id} registered registered" in sent
    assert "in_work" in sent.splitlines()[-1]
    found = portal.get("/api/v1/appeals", params={"q": number}).json()["items"]
    (appeal,) = [each for each in found if each["number"] == number]
    assert portal.get(f"/api/v1/appeals/{appeal['id']}").json()["external_id"] == own_id
    body = holder(system, appeal["id"])
    answered = run(system, body, "agency.py")
    assert "ВХ-2026/1482" in answered
    assert "changes of the queue" in answered.splitlines()[-1]
    assert system.http.get(f"/api/v1/track/{code}").status_code == 200


def test_a_receiver_knows_its_calls(system: System) -> None:
    assert run(system, system.account("portal"), "webhook.py", "0") == "genuine webhook.test test\n"


def test_a_dashboard_counts(system: System) -> None:
    shown = run(system, system.account("analyst"), "dashboard.py")
    assert shown.startswith("received: ")
    assert re.search(r"^\d+ topics$", shown, re.M)


def test_plain_http_registers_once(system: System) -> None:
    first, again = run(
        system, system.account("portal"), "plain_http.py", f"plain-{uuid4().hex[:8]}"
    ).splitlines()
    assert (first[:3], again[:3]) == ("201", "200")
    assert first[4:] == again[4:]
