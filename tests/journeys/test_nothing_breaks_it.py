"""Schemathesis over the merged OpenAPI document: whatever a client sends, no 5xx and no lies about the schema."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import system as systems
from tests.system import System


@pytest.mark.parametrize("role", ["admin", "agency", "portal"])
def test_generated_requests_never_cause_a_server_error(system: System, role: str, tmp_path: Path) -> None:
    """Each operation gets generated, malformed and boundary requests under a role."""
    account = system.agencies()[0] if role == "agency" else system.account(role)
    examples = os.environ.get("OTKLIK_FUZZ_EXAMPLES", "6")
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"),
            "run",
            f"{system.url}/openapi.json",
            "--checks=not_a_server_error",
            "--phases=examples,coverage,fuzzing",
            f"--max-examples={examples}",
            "--exclude-path-regex=/operations/|/clients/.*|/oauth/token",
            "--generation-deterministic",
            "--continue-on-failure",
            "--workers=2",
            "-H",
            f"Authorization: {account.headers()['Authorization']}",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert system.process.poll() is None
    for service in ("intake", "routing", "sla", "analytics"):
        assert '"unhandled error"' not in system.tail(service, 5000), systems.PROJECT
