"""Become a command that dies with its parent, at a lower priority and without root's rights.

Run as a file by `child.py`, before the real command:

    python -I -S launcher.py parent=PID death_signal=N [nice=N] [umask=N] [uid=N gid=N [capability=N,N]] -- COMMAND…

It changes itself and then *becomes* the command (exec), so no extra process stays. Standard library only, and
nothing of the project is imported, because this runs before every child.
"""

import ctypes
import os
import random
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NoReturn

CANNOT_LAUNCH = 125
AUTOGROUP_TRIES = 20

# The numbers of the Linux kernel's <sys/prctl.h>, <linux/capability.h> and <linux/securebits.h>.
PR_SET_CHILD_SUBREAPER = 36
PR_SET_PDEATHSIG, PR_GET_SECUREBITS, PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS = 1, 27, 28, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _prctl(option: int, second: int = 0, third: int = 0) -> int:
    arguments = [ctypes.c_ulong(value) for value in (second, third, 0, 0)]
    return _checked(_libc.prctl(ctypes.c_int(option), *arguments), f"prctl({option})")


def _keep_only(capabilities: Sequence[int]) -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    low = sum(
        1 << number for number in capabilities
    )  # those in use here (1, 2, 10) lie in the first of two words
    # Effective, permitted, inheritable; then the same for the second word.
    data = (ctypes.c_uint32 * 6)(low, low, low, 0, 0, 0)
    _checked(_libc.capset(header, data), "capset")


def lower_priority(niceness: int) -> None:
    """Let others go first. Where Linux groups processes by session (autogroup, the usual default) each session has an
    equal share whatever its members' nice values; only the group's own value counts among sessions."""
    os.nice(niceness)
    for _ in range(AUTOGROUP_TRIES):
        try:
            with open("/proc/self/autogroup", "w", encoding="ascii") as group:
                group.write(str(niceness))
            return
        except BlockingIOError:
            # All processes of those who are not root may write once in a tenth of a second together.
            time.sleep(0.11 + random.random() * 0.1)
        except OSError:
            return  # no such kernel, or no such grouping: then the nice value itself is what counts


def drop_privileges(uid: int, gid: int, capabilities: Sequence[int]) -> None:
    """Become `uid`; keep these capabilities and no other, across exec too.

    NO_SETUID_FIXUP stays set afterwards on purpose: without it access(2) ignores the capability, and Postgres
    asks access(2) whether it may read its own binary.
    """
    if capabilities:
        _prctl(PR_SET_SECUREBITS, _prctl(PR_GET_SECUREBITS) | SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    _keep_only(capabilities)
    for number in capabilities:
        _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(parent: int, death_signal: int) -> None:
    """Has to come after the change of user, which the kernel answers by forgetting the death signal."""
    _prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit(CANNOT_LAUNCH)


def adopt_orphans(adopts: bool) -> None:
    """Whether descendants whose parent ends become children of this process, instead of the machine's first."""
    _prctl(PR_SET_CHILD_SUBREAPER, int(adopts))


def take_place(options: Mapping[str, int], capabilities: Sequence[int]) -> None:
    """Change this process as its options say: `parent` and `death_signal`, and where they are given `umask`, `nice`, `uid`
    with `gid`. OSError where the kernel does not let it."""
    os.umask(options.get("umask", 0o077))
    if options.get("nice"):
        lower_priority(options["nice"])
    if "uid" in options:
        drop_privileges(options["uid"], options["gid"], capabilities)
    die_with_parent(options["parent"], options["death_signal"])


def main(arguments: list[str]) -> NoReturn:
    """Become the command behind `--`."""
    split = arguments.index("--")
    command = arguments[split + 1 :]
    words = {name: value for name, _, value in (word.partition("=") for word in arguments[:split])}
    capabilities = [int(number) for number in words.pop("capability", "").split(",") if number]
    options = {name: int(value) for name, value in words.items()}
    try:
        take_place(options, capabilities)
        for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(ignored_by_python, signal.SIG_DFL)
        os.execvp(command[0], command)  # noqa: S606 – without a shell is what we want
    except OSError as error:
        sys.stderr.write(f"otklik: cannot start {command[0]}: {error}\n")
        sys.exit(CANNOT_LAUNCH)


if __name__ == "__main__":
    main(sys.argv[1:])
