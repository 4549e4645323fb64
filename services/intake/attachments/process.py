"""The child process that looks into one file and ends: whatever a file does to its reader is over with it.

It knows no database and no secret, may take so much memory and time and no more, writes one file at most, and opens nothing else.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Final

from services.intake.attachments.rules.kinds import NotTaken, media_type_of
from services.intake.attachments.rules.messages import Kind, Task, Verdict, read_task, write_message

MOST_MEMORY: Final = 1200 * 1024 * 1024  # bytes of addresses
MOST_CPU_SECONDS: Final = 25
LARGEST_FILE: Final = 40 * 1024 * 1024  # bytes that it may write
MOST_OPEN: Final = 64
NICENESS: Final = 5


def main() -> None:
    """Answer what was asked on the standard input."""
    limit()
    task = read_task(sys.stdin.buffer.readline())
    sys.stdout.buffer.write(write_message(look_into(task)) + b"\n")


def limit() -> None:
    """From here on the kernel sees to it; and answering requests comes first."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_OPEN, MOST_OPEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def look_into(task: Task) -> Verdict:
    """What the file is, or why it is not taken."""
    try:
        return _look_into(Path(task.source), Path(task.target), task.kind)
    except NotTaken as refusal:
        return _refused(refusal)
    except (MemoryError, RecursionError):
        return _refused(NotTaken("bomb: reading the file takes too much memory"))


def _refused(refusal: NotTaken) -> Verdict:
    return Verdict(refusal=refusal.reason, values=dict(refusal.values or {}))


def _look_into(source: Path, target: Path, claimed: str) -> Verdict:
    """Libraries are imported for the family that they are needed for."""
    from services.intake.attachments.rules.inspection.content import family_of

    family = family_of(source)
    if family == "image":
        from services.intake.attachments.rules.inspection.images import clean_image

        _require_kind("image", claimed)
        return clean_image(source, target)
    if family == "pdf":
        from services.intake.attachments.rules.inspection.pdfs import check_pdf

        _require_kind("pdf", claimed)
        check_pdf(source)
        return Verdict(media_type=media_type_of("pdf"))
    from services.intake.attachments.rules.inspection.documents import check_document

    kind = check_document(source)
    _require_kind(kind, claimed)
    return Verdict(media_type=media_type_of(kind))


def _require_kind(found: Kind, claimed: str) -> None:
    if claimed and claimed != found:
        raise NotTaken("mismatch: the content is of another kind than its name or media type says")


if __name__ == "__main__":
    main()
