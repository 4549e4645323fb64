"""Whether a file is taken: shown to the antivirus, looked into by a child process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import structlog

from chassis.antivirus import ScannerAway, find_virus
from chassis.child_processes import ChildFailed, ask_child
from chassis.faults import Wording
from chassis.problems import Problem, Unavailable
from services.intake.attachments.actions.receiving import Received
from services.intake.attachments.actions.storage import Storage
from services.intake.attachments.rules.kinds import NotTaken, claimed_kind
from services.intake.attachments.rules.messages import Claimed, Task, Verdict, read_verdict, write_message

log = structlog.get_logger()
MODULE: Final = "services.intake.attachments.process"
LONGEST_SECONDS: Final = 60.0


class AttachmentRefused(Problem):
    status, slug, title = 422, "attachment-refused", "This file is not taken"


async def scan(storage: Storage, received: Received) -> bool:
    """Whether the antivirus has seen it and found nothing; False where there is none to ask. 422 for a virus; 503 where the
    antivirus says nothing and nothing is taken without it."""
    if not storage.scanner:
        return False
    try:
        virus = await find_virus(storage.scanner, received.path)
    except ScannerAway as error:
        log.warning("the antivirus does not answer", reason=str(error))
        if storage.scan_required:
            raise Unavailable("The antivirus does not answer; send the file again.") from None
        return False
    if virus is not None:
        log.warning("a virus was sent", virus=virus[:100])
        raise refused("virus: the antivirus found one in the file")
    return True


async def examine(storage: Storage, received: Received, target: Path) -> Verdict:
    """What the file is; what is to be kept of an image is at `target` then. 422 with the reason for what is not taken, 503
    where too many others wait."""
    try:
        kind = claimed_kind(received.name, received.declared)
    except NotTaken as refusal:
        raise refused(refusal.reason, refusal.values) from None
    try:
        async with storage.line.turn():
            answer = await ask_child(MODULE, _task(received.path, target, kind), LONGEST_SECONDS)
    except ChildFailed as failure:
        log.warning("a file could not be looked into", reason=str(failure))
        if failure.signal:  # the kernel ended it: it took too much of something
            raise refused("bomb: reading the file takes too much time or memory") from None
        raise Unavailable("The file could not be looked into; send it again.") from None
    verdict = read_verdict(answer)
    if verdict.refusal:
        raise refused(verdict.refusal, verdict.values)
    return verdict


def refused(reason: str, values: Mapping[str, object] | None = None) -> AttachmentRefused:
    """`reason`: a word, a colon, and an explanation, which may have places for `values`."""
    wording = Wording(reason, values or None)
    return AttachmentRefused(
        "Nothing was stored. {reason}.",
        values={"reason": wording},
        errors=[{"pointer": "/file", "message": wording}],
    )


async def _task(source: Path, target: Path, kind: Claimed) -> AsyncIterator[bytes]:
    yield write_message(Task(str(source), str(target), kind))
