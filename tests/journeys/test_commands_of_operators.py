"""What an operator does from the command line with a system that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import jwt
import pytest

from harness.databases import PROJECT
from harness.system import System

pytestmark = pytest.mark.system


def otklik(system: System, *words: str, code: int = 0) -> str:
    """What a command prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
    ended = subprocess.run(
        [sys.executable, "-m", "otklik", *words, "--home", str(system.home)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout


def status_of_login(system: System, client: dict[str, Any]) -> int:
    form = {
        "grant_type": "client_credentials",
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
    }
    return system.http.post("/oauth/token", data=form).status_code


def test_a_client_is_made_rotated_and_revoked(system: System) -> None:
    words = ("client", "create", "Портал области", "--role", "portal", "--region", "46", "--json")
    made = json.loads(otklik(system, *words))
    assert status_of_login(system, made) == 200
    listed = {each["id"]: each for each in json.loads(otklik(system, "client", "list", "--json"))}
    assert listed[made["id"]]["name"] == "Портал области"
    assert "client_secret" not in listed[made["id"]]
    printed = otklik(system, "client", "rotate", made["id"])
    rotated = dict(line.split("=", 1) for line in printed.split())
    assert rotated["client_secret"] != made["client_secret"]
    assert [status_of_login(system, each) for each in (made, rotated)] == [401, 200]
    assert json.loads(otklik(system, "client", "revoke", made["id"], "--yes", "--json"))["revoked"] is True
    assert status_of_login(system, rotated) == 401
    otklik(system, "client", "rotate", "nobody", code=1)
    otklik(system, "client", "create", "x", "--role", "agency", "--region", "46", code=1)


def test_a_token_of_an_organisation(system: System) -> None:
    entry = system.credentials["agencies"][0]
    for wanted in (entry["organisation_id"], entry["organisation"]):
        token = otklik(system, "token", "--organisation", wanted).strip()
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["organisation"] == entry["organisation_id"]
    otklik(system, "token", "--organisation", "а", code=1)  # a letter that many have


def test_logs_are_shown_by_time(system: System) -> None:
    lines = [json.loads(line) for line in otklik(system, "logs", "sla", "-n", "3", "--json").splitlines()]
    assert len(lines) == 3
    assert {line["service"] for line in lines} == {"sla"}
    everybody = otklik(system, "logs", "-n", "1000").splitlines()
    dated = [line.split()[0] for line in everybody if line.startswith("20") and "T" in line.split()[0]]
    assert dated == sorted(dated)
    assert any("listening" in line for line in everybody)
    otklik(system, "logs", "nobody", code=1)
