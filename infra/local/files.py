"""Files and folders that are private and durable."""

import os
import shutil
from pathlib import Path

from infra.local.identity import Identity


def private_directory(path: Path, identity: Identity | None) -> None:
    """Make it, for that user alone, if it is missing."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if identity is not None and path.stat().st_uid != identity.uid:
        identity.own(path)


def write_private(path: Path, text: str, identity: Identity | None = None) -> None:
    """Replace `path` in one step by a file only its owner may read, durable when this returns."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if identity is not None:
            os.fchown(file.fileno(), identity.uid, identity.gid)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_directory(path.parent)


def renew_private(path: Path, text: str, identity: Identity | None = None) -> None:
    """As `write_private`, but nothing is written where nothing changes: that works on a full disk too."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return
    except (OSError, ValueError):
        pass
    write_private(path, text, identity)


def sync_directory(path: Path) -> None:
    """Make the names in it durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_tree(path: Path) -> None:
    """With all in it, if it is there."""
    if path.exists():
        shutil.rmtree(path)
