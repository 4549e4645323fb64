"""`otklik stop` and `otklik logs`: the system of a home on this machine, without asking it anything."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from heapq import merge
from pathlib import Path

from otklik.cli.failures import Failed
from otklik.cli.output import print_json, print_message

LOOK_SECONDS = 0.2
_SHOWN_FIRST = ("timestamp", "level", "service", "event")
Line = tuple[str, str]  # when it was written, and the line


def stop(home: Path, wait: float, as_json: bool) -> None:
    """Ask it to end in order, and wait for that; Failed when it does not, or when none runs."""
    pid = _running_pid(home)
    try:
        os.kill(pid, signal.SIGTERM)
    except PermissionError:
        raise Failed(f"Process {pid}, which runs {home}, is another user's.") from None
    deadline = time.monotonic() + wait
    while _is_locked(home):
        if time.monotonic() > deadline:
            raise Failed(f"Process {pid} has not ended within {wait:.0f} s. Its logs are in {home / 'log'}.")
        time.sleep(LOOK_SECONDS)
    if as_json:
        print_json({"stopped": True, "pid": pid, "home": str(home)})
    else:
        print_message(f"The system of {home} has ended.")


def _running_pid(home: Path) -> int:
    with suppress(OSError, ValueError):
        pid = int((home / "run" / "lock").read_text())
        if _is_locked(home):
            return pid
    raise Failed(f"Nothing runs in {home}. Is it the right --home?")


def _is_locked(home: Path) -> bool:
    """Whether somebody holds the home: the kernel lets go of it however who held it ended."""
    import fcntl

    with (home / "run" / "lock").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def show_logs(home: Path, part: str | None, number: int, follow: bool, as_json: bool) -> None:
    """The newest lines of all processes by their time, or of one; as they are with `as_json`."""
    files = _files(home, part)
    for _, line in deque(merge(*map(_dated, files)), maxlen=number):
        _show(line, as_json)
    if follow:
        with suppress(KeyboardInterrupt):
            _follow(files, as_json)


def _files(home: Path, part: str | None) -> list[Path]:
    found = sorted((home / "log").glob(f"{part or '*'}.log"))
    if not found:
        known = ", ".join(sorted(file.stem for file in (home / "log").glob("*.log")))
        raise Failed(f"{home / 'log'} has no log of that name. There are: {known or 'none'}.")
    return found


def _dated(file: Path) -> Iterator[Line]:
    """Lines of the servers are dated by those before them."""
    last = ""
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            last = str(_fields(line).get("timestamp", last))
            yield last, line.rstrip("\n")


def _follow(files: list[Path], as_json: bool) -> None:
    ends = {file: file.stat().st_size for file in files}
    while True:
        time.sleep(LOOK_SECONDS)
        for file, end in ends.items():
            size = file.stat().st_size
            start = end if size >= end else 0  # it was moved aside
            if size > start:
                with file.open(encoding="utf-8", errors="replace") as lines:
                    lines.seek(start)
                    for line in lines:
                        _show(line.rstrip("\n"), as_json)
            ends[file] = size


def _show(line: str, as_json: bool) -> None:
    fields = _fields(line)
    if as_json or not fields:
        print(line, flush=True)
        return
    head = [str(fields[name]) for name in _SHOWN_FIRST if name in fields]
    rest = [f"{name}={value}" for name, value in fields.items() if name not in _SHOWN_FIRST]
    print(" ".join([*head, *rest]), flush=True)


def _fields(line: str) -> Mapping[str, object]:
    """Empty for a line that is not one of ours."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
