"""Becomes the parts of the system: imports all that they are made of, once, and forks each of them from itself (ADR 48).

`fork_client` starts it and speaks to it through its standard input; it listens nowhere. It is told which modules to import,
and names each that is there. Then every message is a request: the name of the part, and two descriptors – a conversation
with who asks, and the part's log. What the part is given (its secrets, too) is said in the conversation, which only the
part itself reads: the fork server never knows it.
"""

import ctypes
import gc
import importlib
import json
import os
import select
import socket
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from uuid_utils import reseed_rng

from infra.local.launcher import CANNOT_LAUNCH, take_place

LONGEST_MESSAGE = 64 * 1024  # bytes
PADDING = "-" * 240  # room for the words of the longest command line that a part is shown with
GO = b"go\n"
COMPLETE = b"."  # what is said behind the names of the modules, when all are there
ADOPTION_SECONDS = 5.0
# Before a library makes a pool of threads at its import: a process of several threads cannot be forked safely.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Start:
    """What a part is started with. `options` are those of the launcher."""

    module: str
    words: Sequence[str]  # the command line it is shown with; behind `-m module` stand its arguments
    options: Mapping[str, int]
    capabilities: Sequence[int]
    environment: Mapping[str, str]
    directory: str


@dataclass(frozen=True)
class _Request:
    """What the part needs of who asks for it."""

    conversation: socket.socket
    log: int


def main() -> None:
    """Serve for ever; in a forked process: be the part. The part runs here, as the outermost call, and ends as any program."""
    control = socket.socket(fileno=os.dup(0))
    show_as([sys.executable, "-m", "infra.local.fork_server"])
    gc.disable()  # what is being imported stays; looking for garbage meanwhile would be in vain
    request = _import_and_serve(control)
    control.close()
    gc.enable()
    start = _join(request)
    _settle(start, request.log)
    importlib.import_module(start.module).main()


def _import_and_serve(control: socket.socket) -> _Request:
    """Returns in a forked process only."""
    for module in json.loads(control.recv(LONGEST_MESSAGE)):
        try:
            importlib.import_module(module)
        except Exception:  # a part that needs it says so itself when it is started in the ordinary way
            _log_error(f"{module} is not imported")
            continue
        control.send(module.encode())
        while select.select([control], [], [], 0)[0]:
            if request := _serve(control):
                return request
    gc.collect()
    control.send(COMPLETE)
    while True:
        if request := _serve(control):
            return request


def _serve(control: socket.socket) -> _Request | None:
    """Answer one request: None here, the request in the process that is forked for it."""
    message, descriptors, _, _ = socket.recv_fds(control, LONGEST_MESSAGE, 2)
    if not message:
        sys.exit(0)  # who started us has ended
    conversation, log = descriptors
    try:
        if _fork():
            return _Request(socket.socket(fileno=conversation), log)
    except OSError:
        # Who asks sees the end of the conversation, and starts the part in the ordinary way.
        _log_error("a part is not forked")
    os.close(conversation)
    os.close(log)
    return None


def _fork() -> bool:
    """Whether this is the new process. Its parent ends at once, so that it becomes a child of whose child we are."""
    gc.freeze()  # so that the collector of the new process does not touch, and so copy, what we share
    if between := os.fork():
        os.waitpid(between, 0)
        return False
    try:
        if os.fork() == 0:
            return True
    except OSError:
        _log_error("a part is not forked")
    os._exit(0)


def _join(request: _Request) -> Start:
    """Tell who asks which process it has got, once it is a child of theirs, and go on only if they still want it."""
    with request.conversation.makefile("rwb") as conversation:
        start = Start(**json.loads(conversation.readline() or b"{}"))
        deadline = time.monotonic() + ADOPTION_SECONDS
        while os.getppid() != start.options["parent"]:
            if time.monotonic() > deadline:
                os._exit(CANNOT_LAUNCH)
            time.sleep(0.0005)
        conversation.write(b"%d\n" % os.getpid())
        conversation.flush()
        if conversation.readline() != GO:
            os._exit(CANNOT_LAUNCH)
    request.conversation.close()
    return start


def _settle(start: Start, log: int) -> None:
    """Be in every respect like a process that was started for this part alone."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.closerange(3, max(nothing, log) + 1)
    os.setsid()
    os.chdir(start.directory)
    show_as(start.words)
    try:
        take_place(start.options, start.capabilities)
    except OSError:
        _log_error(f"{start.module} cannot start")
        sys.exit(CANNOT_LAUNCH)
    os.environ.clear()
    os.environ.update(start.environment)
    time.tzset()
    reseed_rng()  # Python's own source of random numbers is reseeded by every fork, this one is not
    sys.argv = [str(sys.modules[start.module].__file__), *start.words[3:]]


def _log_error(event: str) -> None:
    """A line as all of ours, without what only parts have."""
    words = {"event": event, "level": "error", "service": "fork-server", "exception": traceback.format_exc()}
    sys.stderr.write(json.dumps(words) + "\n")


def show_as(words: Sequence[str]) -> None:
    """Be listed (`ps`, /proc) with these words: they are written over those that this process was started with."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    first, behind = int(fields[45]), int(fields[46])  # proc(5): arg_start and arg_end
    room = behind - first - 1
    title = " ".join(words).encode()[: room - 1]
    # A last byte that is not zero tells the kernel that the line ends at the first that is.
    ctypes.memmove(first, title.ljust(room, b"\0") + b".", room + 1)


if __name__ == "__main__":
    main()
