"""Logging never raises and never waits: a full disk, a closed pipe and a value that will not be shown cost a line each."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chassis.lines import LOST, Lines
from tests.chaos.volumes import volume

# What every process does with its log, on a log that takes nothing; it says on standard output how it went.
EVERYBODY_LOGS = """
import asyncio, logging, sys
import structlog
from chassis.lines import lines
from chassis.logs import configure_logging

configure_logging("test", "INFO")

class Unshowable:
    def __repr__(self):
        raise ValueError("no")

class Unspeakable(Exception):
    def __str__(self):
        raise ValueError("no")

async def main():
    log = structlog.get_logger()
    log.info("ours")
    log.info("unshowable", value=Unshowable())
    try:
        raise Unspeakable
    except Unspeakable as error:
        log.error("unspeakable", exc_info=error)
    logging.getLogger("uvicorn.error").error("theirs %s", Unshowable())
    logging.getLogger("uvicorn.error").error("theirs", exc_info=True)
    asyncio.get_running_loop().call_exception_handler({"message": "asyncio's", "exception": KeyError("x")})
    print(lines.lost, sorted(lines.report()), flush=True)

asyncio.run(main())
"""


def descriptor_of(path: str | Path, flags: int = os.O_WRONLY | os.O_APPEND) -> int:
    return os.open(path, flags | os.O_CREAT, 0o600)


def test_a_full_disk_costs_lines_which_are_counted(tmp_path: Path) -> None:
    full, file = descriptor_of("/dev/full", os.O_WRONLY), descriptor_of(tmp_path / "log")
    before = LOST._value.get()
    log = Lines(full)
    assert log.report() == {}
    log.write("lost")
    log.write("lost too")
    assert log.report() == {"lines_lost": 2, "still": "No space left on device"}
    assert LOST._value.get() == before + 2
    os.dup2(file, full)  # the disk has room again
    log.write("kept")
    assert (tmp_path / "log").read_text() == "kept\n"
    log._lost_at -= 60
    assert log.report() == {"lines_lost": 2}, "what was lost long ago is history, not a problem"
    os.close(full)
    log.write("nowhere")
    assert log.lost == 3


def test_a_line_that_was_torn_is_ended_before_the_next(tmp_path: Path) -> None:
    with volume(tmp_path / "small", 1) as small:
        file = descriptor_of(small.path / "log")
        log = Lines(file)
        log.write("first")
        small.fill()
        while not log.lost:
            log.write("x" * 1000)  # the page it began takes a piece of the last one
        small.empty()
        log.write("last")
        *_, torn, last = (small.path / "log").read_text().splitlines()
        assert last == "last"
        assert 0 < len(torn) < 1000
        os.close(file)


def test_a_pipe_that_nobody_empties_holds_nobody_up() -> None:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    log = Lines(writing)

    def write_much() -> None:
        for _ in range(20):
            log.write("x" * 1000)

    writer = threading.Thread(target=write_much, daemon=True)
    writer.start()
    writer.join(10)
    assert not writer.is_alive()
    assert log.lost > 10
    assert log.report()["still"] == "Resource temporarily unavailable"
    os.close(reading)
    log.write("to nobody")
    assert log.report()["still"] == "Broken pipe"
    os.close(writing)


@pytest.mark.parametrize("log", ["/dev/full", "/dev/null"])
def test_every_logger_of_a_process_survives(log: str) -> None:
    with open(log, "wb") as error:
        done = subprocess.run(
            [sys.executable, "-c", EVERYBODY_LOGS], stdout=subprocess.PIPE, stderr=error, check=False
        )
    lost = {"/dev/full": "6 ['lines_lost', 'still']", "/dev/null": "2 ['lines_lost', 'still']"}[log]
    assert (done.returncode, done.stdout.decode().strip()) == (0, lost)


# A request in the middle of which everybody logs: our own logger, a library's, a warning, and an error nobody caught.
A_REQUEST_LOGS = """
import asyncio, logging, sys, threading, warnings
import structlog
from starlette.responses import PlainTextResponse
from chassis.logs import configure_logging, log_as_a_process
from chassis.telemetry import RequestContext

configure_logging("test", "INFO")
log_as_a_process()
log = structlog.get_logger()

async def app(scope, receive, send):
    log.info("ours", phone="+7 900 000-00-00")
    logging.getLogger("uvicorn.error").error("theirs of %s", "two\\nlines", exc_info=KeyError("Иванов"))
    logging.getLogger("nats").info("chatter")
    warnings.warn("a warning")
    await PlainTextResponse("")(scope, receive, send)

async def send(message):
    for name, value in message.get("headers", []):
        if name == b"x-request-id":
            print(value.decode(), flush=True)

scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"x-request-id", b"req-7")]}
asyncio.run(RequestContext(app)(scope, None, send))
log.info("after it")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise RuntimeError("Иванов")
"""


def test_every_line_is_json_and_those_of_a_request_have_its_id() -> None:
    done = subprocess.run([sys.executable, "-c", A_REQUEST_LOGS], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["req-7"]
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    named = {line["event"].partition("\n")[0]: line for line in lines}
    assert all({"event", "level", "timestamp", "service"} <= line.keys() for line in lines), lines
    assert [line["level"] for line in lines] == ["info", "error", "warning", "info", "error", "critical"]
    of_request = [line.get("request_id") for line in lines]
    assert of_request == ["req-7", "req-7", "req-7", None, None, None]
    assert named["theirs of two"]["logger"] == "uvicorn.error"
    assert named["ours"]["phone"] == "[masked]"
    assert named["the process ends"]["exception"].startswith("RuntimeError")
    assert "Иванов" not in done.stderr, "messages of exceptions quote values"
