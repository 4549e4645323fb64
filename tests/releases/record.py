"""Keeps a running demo home as a release: `python -m tests.releases.record HOME VERSION`, when all is quiet."""

from __future__ import annotations

import json
import lzma
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contracts.parts import PARTS
from infra.local.credentials import load_or_create_secrets
from infra.local.paths import Home
from infra.local.postgres import find_binaries
from otklik_client import Client
from tests.releases.stored import FOLDER

PERIOD = {"region": "46", "from": "2025-01-01", "to": "2027-01-01"}
LISTS = {
    "coordinator": (
        "triage",
        "moderation",
        "extensions",
        "escalations",
        "policies",
        "rules",
        "topics",
        "organisations",
    ),
    "admin": ("imports",),
}
KEPT_CLIENTS = ("portal", "coordinator", "admin")


@dataclass
class Recorder:
    """Asks and writes down."""

    url: str
    credentials: dict[str, Any]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, asker: str, path: str, **params: Any) -> Any:
        """One answer of one client: a role, or an organisation's id."""
        agencies = {entry["organisation_id"]: entry for entry in self.credentials["agencies"]}
        entry = agencies.get(asker) or self.credentials[asker]
        with Client(self.url, entry["client_id"], entry["client_secret"]) as client:
            answer = client.request("GET", f"/api/v1/{path}", query=params)
        self.asked.append({"as": asker, "path": f"/api/v1/{path}", "params": params, "answer": answer})
        return answer

    def pages(self, asker: str, path: str, **params: Any) -> Iterator[Any]:
        """All items of a list, each page by the cursor of the one before."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.ask(asker, path, limit=30, **params, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]

    def everything(self) -> None:
        """Each appeal with its history, deadlines and assignments; queues, lists and figures."""
        holders = {
            holder
            for appeal in list(self.pages("coordinator", "appeals", region="46"))
            for holder in self.appeal(appeal["id"])
        }
        known = {entry["organisation_id"] for entry in self.credentials["agencies"]}
        for organisation in sorted(holders & known):
            for path in ("queue", "queue/changes", "escalations", "deadlines"):
                self.ask(organisation, path, limit=100)
        for asker, paths in LISTS.items():
            for path in paths:
                self.ask(asker, path, limit=20)
        for path in ("settings/46/intake", "settings/46/routing", "settings/46/sla"):
            self.ask("admin", path)
        self.ask("coordinator", "calendars/46")
        self.ask("analyst", "analytics/summary", **PERIOD)
        self.ask("analyst", "analytics/timeseries", metric="received", grain="month", **PERIOD)
        for dimension in ("organisation", "topic", "municipality", "channel"):
            self.ask("analyst", "analytics/breakdown", metric="received", by=dimension, **PERIOD)

    def appeal(self, appeal_id: str) -> Iterator[str]:
        """All of one appeal; whose it is and was."""
        self.ask("coordinator", f"appeals/{appeal_id}")
        self.ask("coordinator", f"appeals/{appeal_id}/history")
        clocks = self.ask("coordinator", f"appeals/{appeal_id}/deadlines")["items"]
        for assignment_id in sorted({clock["assignment_id"] for clock in clocks} - {None}):
            organisation = self.ask("coordinator", f"assignments/{assignment_id}")["organisation"]
            if organisation:
                yield organisation["id"]


def dump(addresses: dict[str, Any], password: str) -> str:
    """The schemas as SQL that any psql reads."""
    server = ["-h", str(addresses["postgres_host"]), "-p", str(addresses["postgres_port"]), "-U", "postgres"]
    schemas = [f"--schema={part}" for part in PARTS]
    command = [str(find_binaries() / "pg_dump"), *server, "-d", "otklik", *schemas]
    done = subprocess.run(command, env={"PGPASSWORD": password}, capture_output=True, text=True, check=True)
    return re.sub(r"^\\(un)?restrict .*\n", "", done.stdout, flags=re.MULTILINE)


def main(place: str, version: str) -> None:
    """Writes the folder of the release."""
    home = Home.at(place)
    addresses = json.loads(home.addresses_file.read_text())
    credentials = json.loads((home.root / "credentials.json").read_text())
    secrets = load_or_create_secrets(home)
    recorder = Recorder(addresses["url"], credentials)
    recorder.everything()
    keys = {
        name: value
        for name, value in json.loads(home.secrets_file.read_text()).items()
        if isinstance(value, str)
    }
    clients = {
        role: {name: credentials[role][name] for name in ("client_id", "client_secret")}
        for role in KEPT_CLIENTS
    }
    folder = FOLDER / version
    folder.mkdir()
    stored = {"secrets": keys, "clients": clients, "appeals": {}}
    (folder / "home.json").write_text(json.dumps(stored, ensure_ascii=False, indent=2))
    answers = json.dumps(recorder.asked, ensure_ascii=False)
    for name, text in {
        "database.sql.xz": dump(addresses, secrets.database["postgres"]),
        "answers.json.xz": answers,
    }.items():
        (folder / name).write_bytes(lzma.compress(text.encode(), preset=9))


if __name__ == "__main__":
    main(*sys.argv[1:])
