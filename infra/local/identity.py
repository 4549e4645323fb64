"""As whom Postgres and NATS run: ourselves, or nobody in particular when we are root."""

import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import StartError

NOBODY = 65534
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


@dataclass(frozen=True)
class Identity:
    uid: int
    gid: int

    @classmethod
    def for_data_in(cls, directory: Path) -> "Identity | None":
        """None: as ourselves. Data that an ordinary user made stays that user's, whoever starts it."""
        if os.geteuid() != 0:
            return None
        if directory.exists() and (owner := directory.stat()).st_uid != 0:
            return cls(owner.st_uid, owner.st_gid)
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError:
            return cls(NOBODY, NOBODY)
        return cls(nobody.pw_uid, nobody.pw_gid)

    def may_pass(self, path: Path) -> bool:
        """Whether every folder above `path` lets this user through."""
        return all(self._may_enter(folder.stat()) for folder in path.absolute().parents)

    def _may_enter(self, folder: os.stat_result) -> bool:
        if folder.st_uid == self.uid:
            return bool(folder.st_mode & stat.S_IXUSR)
        if folder.st_gid == self.gid:
            return bool(folder.st_mode & stat.S_IXGRP)
        return bool(folder.st_mode & stat.S_IXOTH)

    def capability_to_reach(self, paths: Iterable[Path]) -> int | None:
        """The one capability the process needs to reach its files below closed folders; nearly always none.

        Folders above the home are never opened up for it: the kernel lets this one process pass instead.
        """
        closed = [path for path in paths if not (self.may_pass(path) and self.may_pass(path.resolve()))]
        if not closed:
            return None
        held = held_capabilities()
        for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
            if held >> capability & 1:
                return capability
        raise StartError(
            f"Postgres and NATS may not run as root; they run as uid {self.uid}, which may not pass "
            f"the folders above {closed[0]}, and this machine gives root no CAP_DAC_READ_SEARCH to lend. "
            f"Choose a --home that every user may pass to, say /var/lib/otklik, or run as an ordinary user."
        )

    def take_over(self, directory: Path) -> None:
        """Make `directory` and all in it this user's."""
        for folder, _, names in os.walk(directory):
            for path in (Path(folder), *(Path(folder, name) for name in names)):
                if path.lstat().st_uid != self.uid:
                    os.chown(path, self.uid, self.gid, follow_symlinks=False)


def held_capabilities() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0
