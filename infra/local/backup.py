"""A copy of a home that a system can go on from: the database as it was when the copy was done, files, keys.

The broker needs none: whatever was sent lies in the database, and is sent again to a broker that has nothing (ADR 51). Files are
copied after the database, so that every file it knows is there; what runs is not stopped for it.
"""

import asyncio
import hashlib
import json
import os
import re
import shutil
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from infra.local.credentials import Secrets, load_or_create_secrets
from infra.local.database import ADMIN, Server
from infra.local.errors import StartError
from infra.local.files import remove_tree, sync_directory, write_private
from infra.local.paths import Home
from infra.local.postgres import Postgres, find_binaries, major_version, plain_environment

MANIFEST = "backup.json"  # written last: a folder without it is half a copy
FORMAT = 1
# What a start makes anew, and what is no use to another one.
_LEFT_OUT = frozenset({"postgres", "postgres.new", "nats", "log", "run", "figures"})
_MOVED = re.compile(r"(\d+)/(\d+) kB")
_LAST_LINES = 5
_NAMED = 3
# A recovery from an archive – of which there is nothing to have – ends in a timeline of its own: cursors of whoever followed the
# feeds further than the copy goes are known to be of another history (ADR 13).
_NEW_TIMELINE = "restore_command = 'exit 1'\nhot_standby = 'off'\n"  # nobody is let in before it is done

OnProgress = Callable[[int, int], None]  # kilobytes of the database: copied, and all


@dataclass(frozen=True)
class Backup:
    """What a copy says of itself. `made_at`: what was acknowledged before is in it (ISO 8601); `size`: bytes; `files`: SHA-256 by
    path."""

    format: int
    made_at: str
    otklik: str
    postgres: int
    size: int
    files: Mapping[str, str]


def find_home(root: Path) -> Home:
    """The home that lies there; StartError where there is none, or its database is elsewhere."""
    home = Home(root.expanduser().resolve())
    if not home.secrets_file.exists():
        raise StartError(f"{home.root} is no home of Otklik. Is it the right --home?")
    if not home.postgres.exists():
        raise StartError(
            f"The database of {home.root} is a server of your own: copy it there (pg_dump -Fc), and with it secrets.json and "
            f"attachments (docs/guides/backup.md)."
        )
    return home


async def back_up(home: Home, target: Path, on_progress: OnProgress) -> Backup:
    """Copy a home, whether it runs or not, into a new folder; nothing of it is left where that fails."""
    target = target.expanduser().resolve()
    if target.is_relative_to(home.root):
        raise StartError(
            f"{target} lies in the home itself. Choose a folder elsewhere, best on another disk."
        )
    _require_new(target)
    began = datetime.now(UTC)
    is_ours = not target.exists()
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        async with _reachable(home) as database:
            await _copy_database(database, target / "postgres", on_progress)
        await asyncio.to_thread(_copy_all, _beside_the_database(home.root), target)
        made = await asyncio.to_thread(_describe, target, began)
        write_private(target / MANIFEST, json.dumps(asdict(made), indent=1) + "\n")
    except BaseException:
        _take_away(target, with_folder=is_ours)
        raise
    return made


def restore(source: Path, root: Path) -> Backup:
    """Make a home of a copy that is whole and as it was written, in a new folder. The copy stays as it is."""
    source, root = source.expanduser().resolve(), root.expanduser().resolve()
    made = read_manifest(source)
    major = major_version(find_binaries())
    if made.postgres != major:
        raise StartError(
            f"{source} was made by Postgres {made.postgres}, and this is Postgres {major}: another major version "
            f"reads no data of others. Restore it with the version of then (OTKLIK_POSTGRES_BIN)."
        )
    _require_new(root)
    _require_as_written(source, made)
    is_ours = not root.exists()
    home = Home.at(root)
    try:
        _lay_out(source, home)
    except BaseException:
        _take_away(root, with_folder=is_ours)
        raise
    return made


def read_manifest(source: Path) -> Backup:
    """What a copy says of itself; StartError where it is none, half of one, or of a later version."""
    try:
        found = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        written = int(found["format"])
        made = Backup(**found) if written <= FORMAT else None
    except (OSError, ValueError, TypeError, KeyError):
        raise StartError(
            f"{source} is no whole copy of a home: it has no {MANIFEST} that can be read."
        ) from None
    if made is None:
        raise StartError(f"{source} was written by a later version of Otklik, in another way. Use that one.")
    return made


def _require_new(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StartError(f"{folder} is not empty. Choose a new folder.")


@asynccontextmanager
async def _reachable(home: Home) -> AsyncIterator[tuple[Server, Secrets]]:
    """The home's database: of the system that runs, else started for this."""
    secrets = load_or_create_secrets(home)
    with ExitStack() as held:
        try:
            held.enter_context(Home.at(home.root).locked())
        except StartError:  # somebody runs it
            yield Postgres(home, secrets).server, secrets
            return
        postgres = Postgres(home, secrets)
        await postgres.start()
        try:
            yield postgres.server, secrets
        finally:
            await postgres.stop()


async def _copy_database(database: tuple[Server, Secrets], target: Path, on_progress: OnProgress) -> None:
    server, secrets = database
    command = [
        str(find_binaries() / "pg_basebackup"),
        *("--host", server.host, "--port", str(server.port), "--username", ADMIN, "--no-password"),
        *("--pgdata", str(target), "--checkpoint=fast", "--wal-method=stream", "--no-manifest", "--progress"),
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=plain_environment() | {"PGPASSWORD": secrets.database[ADMIN]},
    )
    try:
        lines = await _follow(process, on_progress)
        if await process.wait() != 0:
            raise StartError("The database could not be copied. Postgres says:\n" + "\n".join(lines))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _follow(process: asyncio.subprocess.Process, on_progress: OnProgress) -> Iterable[str]:
    """Its last lines, while it goes on; a line ends where it is written over, too."""
    last: deque[str] = deque(maxlen=_LAST_LINES)
    rest = ""
    assert process.stderr is not None
    while piece := await process.stderr.read(4096):
        *lines, rest = re.split(r"[\r\n]+", rest + piece.decode(errors="replace"))
        for line in lines:
            if found := _MOVED.search(line):
                on_progress(int(found[1]), int(found[2]))
            else:
                last.append(line)
    return [*last, rest]


def _beside_the_database(root: Path) -> list[Path]:
    return [entry for entry in sorted(root.iterdir()) if entry.name not in _LEFT_OUT]


def _copy_all(entries: Iterable[Path], target: Path) -> None:
    """Files with their rights. One that is gone by the time it is reached was taken away for good: it is missed nowhere."""
    for entry in entries:
        if entry.is_dir():
            (target / entry.name).mkdir(mode=0o700)
            _copy_all(sorted(entry.iterdir()), target / entry.name)
        else:
            _copy_file(entry, target / entry.name)
    sync_directory(target)


def _copy_file(source: Path, target: Path) -> None:
    try:
        shutil.copy2(source, target)
    except FileNotFoundError:
        return
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _require_as_written(source: Path, made: Backup) -> None:
    """Every byte of it: a copy is read years later, from whatever it was moved to."""
    found = _digests_of(source)
    wrong = sorted(
        path for path in found.keys() | made.files.keys() if found.get(path) != made.files.get(path)
    )
    if wrong:
        named = ", ".join(wrong[:_NAMED])
        raise StartError(
            f"{source} is not as it was written ({len(wrong)} files, such as {named}). Take another copy."
        )


def _digests_of(folder: Path) -> dict[str, str]:
    """SHA-256 of each file but the manifest."""
    digests = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and name != MANIFEST:
            with path.open("rb") as file:
                digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def _lay_out(source: Path, home: Home) -> None:
    """The database last, under a name of its own until it is whole: half a home is never started."""
    others = [entry for entry in _beside_the_database(source) if entry.name != MANIFEST]
    _copy_all(others, home.root)
    draft = home.root / "postgres.new"
    draft.mkdir(mode=0o700)
    _copy_all(sorted((source / "postgres").iterdir()), draft)
    with (draft / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write(_NEW_TIMELINE)
    (draft / "recovery.signal").touch(mode=0o600)
    draft.rename(home.postgres)
    sync_directory(home.root)


def _take_away(folder: Path, *, with_folder: bool) -> None:
    if with_folder:
        remove_tree(folder)
        return
    for entry in list(folder.iterdir()):
        if entry.is_dir():
            remove_tree(entry)
        else:
            entry.unlink()


def _describe(target: Path, began: datetime) -> Backup:
    major = int((target / "postgres" / "PG_VERSION").read_text())
    size = sum(path.lstat().st_size for path in target.rglob("*") if path.is_file())
    return Backup(FORMAT, began.isoformat(), version("otklik"), major, size, _digests_of(target))
