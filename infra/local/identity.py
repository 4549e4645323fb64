"""As whom the processes of a home run: as ourselves, or each as a user of its own when we are root (ADR 15).

The users are numbers: nobody is added to the machine. All have one group, which is how they reach each other's sockets.
"""

import grp
import os
import pwd
import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from infra.local.errors import StartError

NOBODY = 65534
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_NET_BIND_SERVICE = 1, 2, 10

# Numbers that neither Debian nor systemd gives to anybody, small enough to exist inside a container of 65,536 ids.
BLOCKS = (60_800, 60_900, 61_000)
BLOCK_SIZE = 64  # the first is the group; the users follow, then those of the migrations
USERS = (
    "postgres",
    "nats-server",
    "gateway",
    "intake",
    "intake-work",
    "routing",
    "sla",
    "analytics",
    "web",
    "fork-server",
)
_MIGRATIONS = 32
_NUMBERS = {name: number for number, name in enumerate(USERS, 1)}
_OTHERS = len(USERS) + 1  # whatever else is started


@dataclass(frozen=True)
class Identity:
    """A user and a group, as numbers."""

    uid: int
    gid: int

    @classmethod
    def of(cls, name: str, *places: Path, migration: bool = False) -> "Identity | None":
        """Who runs the process of that name; None: ourselves.

        Places that an ordinary user made stay that user's, whoever starts them: the first one such decides.
        """
        if os.geteuid() != 0:
            return None
        first = first_id()
        ours = {0, _nobody(), *range(first, first + BLOCK_SIZE)}  # nobody: of a home of an older version
        owners = (place.stat() for place in places if place.exists())
        theirs = next((owner for owner in owners if owner.st_uid not in ours), None)
        if theirs:
            return cls(theirs.st_uid, theirs.st_gid)
        return cls(first + _NUMBERS.get(name, _OTHERS) + _MIGRATIONS * migration, first)

    def with_known_name(self) -> "Identity":
        """For a program that looks up what its user is called: nobody in particular, where ours has no name."""
        try:
            pwd.getpwuid(self.uid)
        except KeyError:
            return Identity(_nobody(), self.gid)
        return self

    def may_pass(self, path: Path) -> bool:
        """Whether every folder above `path` lets this user through."""
        return all(self._may(folder.stat(), stat.S_IXUSR) for folder in path.absolute().parents)

    def may_read(self, path: Path) -> bool:
        """Whether this user may reach `path` and read it; what is not there is no obstacle."""
        if not self.may_pass(path):
            return False
        if not path.exists():
            return True
        found = path.stat()
        needed = stat.S_IRUSR | stat.S_IXUSR if stat.S_ISDIR(found.st_mode) else stat.S_IRUSR
        return self._may(found, needed)

    def _may(self, found: os.stat_result, owner_bits: int) -> bool:
        """Whether it has the rights that these bits stand for among the owner's."""
        if found.st_uid == self.uid:
            granted = found.st_mode
        elif found.st_gid == self.gid:
            granted = found.st_mode << 3
        else:
            granted = found.st_mode << 6
        return granted & owner_bits == owner_bits

    def capability_to_reach(self, paths: Iterable[Path]) -> int | None:
        """The one capability the process needs to reach its files below closed folders; nearly always none.

        Folders above the home are never opened up for it: the kernel lets this one process pass instead.
        """
        return self._capability_where_not(self.may_pass, paths)

    def capability_to_read(self, paths: Iterable[Path]) -> int | None:
        """The same for files and folders that are not the process's own."""
        return self._capability_where_not(self.may_read, paths)

    def _capability_where_not(self, may: Callable[[Path], bool], paths: Iterable[Path]) -> int | None:
        closed = next((path for path in paths if not (may(path) and may(path.resolve()))), None)
        if closed is None:
            return None
        held = held_capabilities()
        lendable = (number for number in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if held >> number & 1)
        if capability := next(lendable, None):
            return capability
        raise StartError(
            f"Nothing is run as root; it runs as uid {self.uid}, which may not pass the folders above "
            f"{closed}, or not read it, and this machine gives root no CAP_DAC_READ_SEARCH to lend. "
            f"Choose a --home that every user may pass to, say /var/lib/otklik, or run as an ordinary user."
        )

    def own(self, directory: Path) -> None:
        """Make `directory` and all in it this user's; does nothing where that has been done."""
        for folder, _, names in os.walk(directory):
            for path in (Path(folder), *(Path(folder, name) for name in names)):
                if path.lstat().st_uid != self.uid:
                    os.chown(path, self.uid, self.gid, follow_symlinks=False)


def capabilities_to_reach(identity: Identity | None, paths: Iterable[Path]) -> tuple[int, ...]:
    """The capabilities that a server of that identity needs to reach its own files; nearly always none."""
    if identity is None:
        return ()
    return tuple(filter(None, [identity.capability_to_reach(paths)]))


@cache
def first_id() -> int:
    """The first of our numbers on this machine; StartError when each block has somebody in it."""
    taken = {user.pw_uid for user in pwd.getpwall()} | {group.gr_gid for group in grp.getgrall()}
    free = (first for first in BLOCKS if taken.isdisjoint(range(first, first + BLOCK_SIZE)))
    if first := next(free, None):
        return first
    raise StartError(
        f"Somebody on this machine has the numbers that Otklik's processes would run as ({BLOCKS[0]} and "
        f"following, and the blocks after it). Run it as an ordinary user."
    )


@cache
def _nobody() -> int:
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return NOBODY


def held_capabilities() -> int:
    """Of this process, as bits."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"^CapEff:\s*([0-9a-f]+)", status, re.MULTILINE)
    return int(found[1], 16) if found else 0


def homeless(environment: dict[str, str], identity: Identity | None) -> dict[str, str]:
    """Another user has no business in the starter's home folder, where libraries look for their configuration."""
    return environment if identity is None else environment | {"HOME": "/nonexistent"}
