"""A stored release: its home put back into a Postgres, its questions and its answers."""

from __future__ import annotations

import json
import lzma
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.local.credentials import Secrets
from infra.local.postgres import find_binaries
from infra.local.processes import PROCESSES, SECRETS

FOLDER = Path(__file__).resolve().parent
RELEASES = sorted(folder.name for folder in FOLDER.iterdir() if (folder / "home.json").exists())
# What an answer tells of the moment it is given in, or of decrees that came since; and cursors, for those in the stored
# questions are sent as they are.
OF_THE_MOMENT = frozenset({"as_of", "may_rate", "known_until", "next_cursor"})


@dataclass(frozen=True)
class Question:
    """A request by `asker` (a role, an organisation's id or a citizen), and what the release answered."""

    asker: str
    path: str
    params: dict[str, Any]
    answer: dict[str, Any]


@dataclass(frozen=True)
class Release:
    """What is stored of one version."""

    version: str

    @cached_property
    def home(self) -> dict[str, Any]:
        """Secrets, clients, and some appeals by name."""
        found: dict[str, Any] = json.loads((FOLDER / self.version / "home.json").read_text())
        return found

    @property
    def secrets(self) -> Secrets:
        """The keys of that home; passwords are new ones."""
        return Secrets(**self.home["secrets"])

    def environment(self, service: str) -> dict[str, str]:
        """The secrets that a service's process is given."""
        process = next(process for process in PROCESSES if process.part == service)
        return {SECRETS[name]: getattr(self.secrets, name) for name in process.secrets}

    @cached_property
    def questions(self) -> list[Question]:
        """Everything that was asked."""
        stored = json.loads(self._unpacked("answers.json.xz"))
        return [Question(each["as"], each["path"], each["params"], each["answer"]) for each in stored]

    def restore(self, url: str) -> None:
        """Tables and rows into an empty database in which the roles exist."""
        command = [str(find_binaries() / "psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", url]
        subprocess.run(
            command, input=self._unpacked("database.sql.xz"), stdout=subprocess.DEVNULL, check=True
        )

    def _unpacked(self, name: str) -> bytes:
        return lzma.decompress((FOLDER / self.version / name).read_bytes())


def differences(before: Any, now: Any, place: str = "") -> list[str]:
    """Where an answer no longer says what it said; new members are welcome."""
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            found
            for name, value in before.items()
            if name not in OF_THE_MOMENT
            for found in differences(value, now.get(name, "nothing"), f"{place}/{name}")
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        pairs = enumerate(zip(before, now, strict=True))
        return [found for n, (old, new) in pairs for found in differences(old, new, f"{place}/{n}")]
    return [] if before == now else [f"{place}: was {before!r}, is {now!r}"]
