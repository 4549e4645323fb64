"""`python -m tests.infra.forked.main [word…]`: says how it finds itself, and then does what the words say."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import uuid_utils
from uuid_utils.compat import uuid7

BEFORE = (
    random.random(),
    uuid7(),
    uuid_utils.uuid4(),
)  # whoever draws here, must draw something else in every process


def found() -> dict[str, object]:
    """Of this process, for whoever reads its log."""
    return {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "session": os.getsid(0),
        "arguments": sys.argv[1:],
        "environment": dict(os.environ),
        "directory": os.getcwd(),
        "umask": os.umask(0o077),
        "nice": os.nice(0),
        "users": [*os.getresuid(), *os.getresgid(), *os.getgroups()],
        "rights": [
            line.split()[1] for line in status() if line.startswith(("CapEff", "CapPrm", "CapInh", "CapAmb"))
        ],
        "descriptors": sorted(
            int(name) for name in os.listdir("/proc/self/fd") if Path(f"/proc/self/fd/{name}").exists()
        ),
        "stdin": os.readlink("/proc/self/fd/0"),
        "threads": threading.active_count(),
        "ignored": [
            number for number in signal.valid_signals() if signal.getsignal(number) is signal.SIG_IGN
        ],
        "drawn": [str(random.random()), str(uuid7())[-12:], str(uuid_utils.uuid4()), str(uuid.uuid4())],
    }


def status() -> list[str]:
    """Lines of proc(5)."""
    return Path("/proc/self/status").read_text().splitlines()


def main() -> None:
    """Behind what it says: `fails`, `ends`, `leaves` a process behind that lives a moment longer; else it stays."""
    print(json.dumps(found()), flush=True)
    match sys.argv[1:]:
        case ["fails"]:
            raise LookupError("the reason why")
        case ["ends", code]:
            sys.exit(int(code))
        case ["leaves"]:
            subprocess.Popen(["sleep", "0.2"], start_new_session=True)
            os._exit(0)
    time.sleep(3600)


if __name__ == "__main__":
    main()
