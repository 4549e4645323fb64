"""What is no honest file is refused with a reason, and takes nobody down; what people really send is taken."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from chassis.child_processes import ask_child
from services.intake.attachments.actions.examining import LONGEST_SECONDS, MODULE
from services.intake.attachments.process import look_into
from services.intake.attachments.rules.kinds import NotTaken, claimed_kind
from services.intake.attachments.rules.messages import Task, Verdict, read_verdict, write_message
from tests.conftest import FULL, size
from tests.intake.attachments.conftest import PATH, Office
from tests.intake.attachments.files import Sent, pdf
from tests.intake.attachments.honest import honest
from tests.intake.attachments.hostile_documents import hostile_documents
from tests.intake.attachments.hostile_images import hostile_images
from tests.intake.attachments.hostile_open_documents import honest_open_documents, hostile_open_documents
from tests.intake.attachments.hostile_relations import hostile_relations

REASONS = {
    "type",
    "mismatch",
    "name",
    "empty",
    "broken",
    "locked",
    "active content",
    "nested",
    "path",
    "too large",
    "too many pixels",
    "too many pages",
    "bomb",
}
SECRETS = (
    "OTKLIK_ENCRYPTION_KEY",
    "OTKLIK_OLD_ENCRYPTION_KEYS",
    "OTKLIK_S3_SECRET_KEY",
    "OTKLIK_DATABASE_URL",
    "OTKLIK_DATABASE_PASSWORD",
    "OTKLIK_SMTP_PASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "PGPASSWORD",
    "SOME_TOKEN",
)
# Made of frames that are alike, which the encoder kept as one: it is a small picture, and taken as such. A film is below.
NO_FILM = "endless film"


def film() -> Sent:
    """A GIF of 300 frames, each another."""
    gradient = Image.linear_gradient("L").resize((500, 500))
    frames = [gradient.rotate(number) for number in range(300)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return Sent("film", "a.gif", "image/gif", out.getvalue())


def hostile() -> Iterator[Sent]:
    """Everything that has to be refused."""
    yield from (sent for sent in hostile_images() if sent.case != NO_FILM)
    yield from hostile_documents()
    yield from hostile_relations()
    yield from hostile_open_documents()
    yield film()


def judge(folder: Path, sent: Sent) -> Verdict:
    """As the child process does, in this one."""
    try:
        kind = claimed_kind(sent.name, sent.declared)
    except NotTaken as refusal:
        return Verdict(refusal=str(refusal))
    source, target = folder / "source", folder / "target"
    source.write_bytes(sent.content)
    target.unlink(missing_ok=True)
    return look_into(Task(str(source), str(target), kind))


def test_every_hostile_file_is_refused_for_a_reason(tmp_path: Path, proof: Callable[..., None]) -> None:
    verdicts = {f"{sent.case} of {sent.name}": judge(tmp_path, sent) for sent in hostile()}
    taken = [case for case, verdict in verdicts.items() if not verdict.refusal]
    assert taken == []
    reasons = {verdict.refusal.partition(":")[0] for verdict in verdicts.values()}
    assert reasons <= REASONS
    assert len(verdicts) >= 100
    proof(hostile=len(verdicts), refused=len(verdicts) - len(taken))


def test_what_people_send_is_taken(tmp_path: Path) -> None:
    sent_by_people = [*honest(), *honest_open_documents()]
    refused = {
        sent.case: verdict.refusal for sent in sent_by_people if (verdict := judge(tmp_path, sent)).refusal
    }
    assert refused == {}


async def test_the_kernel_ends_what_takes_too_much(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that would never end is ended, one that wants too much gets none of it; either file is refused, and the service
    goes on."""
    for greed in ("memory", "time"):
        monkeypatch.setattr(
            "services.intake.attachments.actions.examining.MODULE",
            f"tests.intake.attachments.greedy_of_{greed}",
        )
        answer = await office.send()
        assert answer.status_code == 422, answer.text
        assert "bomb" in answer.json()["detail"]
    monkeypatch.setattr("services.intake.attachments.actions.examining.MODULE", MODULE)
    await office.upload()
    assert [path.name for path in office.files() if "incoming" in path.parts] == []


async def test_a_child_that_does_not_start_refuses_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.intake.attachments.actions.examining.MODULE", "tests.nothing_of_the_kind")
    assert (await office.send()).status_code == 503


async def test_the_child_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that stands around a service but what a child cannot do without, whatever its name ends with."""
    for name in SECRETS:
        monkeypatch.setenv(name, "canary")

    async def task() -> AsyncIterator[bytes]:
        yield write_message(Task("/proc/self/environ", str(tmp_path / "target"), ""))

    verdict = read_verdict(await ask_child(MODULE, task(), LONGEST_SECONDS))
    assert verdict.refusal

    async def nothing() -> AsyncIterator[bytes]:
        return
        yield b""

    shown = await ask_child("tests.intake.attachments.surroundings", nothing(), LONGEST_SECONDS)
    assert b"canary" not in shown


async def test_memory_stays_flat(office: Office, proof: Callable[..., None]) -> None:
    """Files of ten megabytes come at once, piece by piece, and this process grows by pieces only."""
    await office.upload()
    process = psutil.Process(os.getpid())
    before, most = process.memory_info().rss, 0
    ending = asyncio.Event()

    async def watch() -> None:
        nonlocal most
        while not ending.is_set():
            most = max(most, process.memory_info().rss)
            await asyncio.sleep(0.005)

    watching = asyncio.create_task(watch())
    count = size(4, 20)
    answers = await asyncio.gather(*(_send_large(office) for _ in range(count)))
    ending.set()
    await watching
    assert {answer.status_code for answer in answers} == {201}, answers[0].text
    grown = (most - before) / 1024 / 1024
    proof(files=count, megabytes=10 * count, grown_megabytes=round(grown, 1))
    assert grown < 24


async def _send_large(office: Office) -> Any:
    filling = b"%" + b"x" * 65_534 + b"\n"

    async def body() -> AsyncIterator[bytes]:
        yield b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'
        for _ in range(155):
            yield filling
        whole = pdf()
        start = whole.rindex(b"startxref\n") + len(b"startxref\n")
        moved = int(whole[start:].split(b"\n")[0])
        shift = 9 + 155 * len(filling)
        yield _shifted(whole, moved, shift)
        yield b"\r\n--a--\r\n"

    headers = {**office.portal, "content-type": "multipart/form-data; boundary=a"}
    return await office.client.post(PATH, content=body(), headers=headers, timeout=120)


def _shifted(whole: bytes, table: int, shift: int) -> bytes:
    """A PDF as it reads further behind in a file."""
    head, rows = whole[:table], whole[table:].split(b"\n")
    moved = [b"%010d 00000 n " % (int(row[:10]) + shift) if row.endswith(b" n ") else row for row in rows]
    at = moved.index(b"startxref") + 1
    moved[at] = b"%d" % (table + shift)
    return head + b"\n".join(moved)


@pytest.mark.skipif(not FULL, reason="each in a child process of its own: full size")
async def test_every_hostile_file_over_http(office: Office, proof: Callable[..., None]) -> None:
    process = psutil.Process(os.getpid())
    statuses: dict[str, int] = {}
    sent_files = list(hostile())
    before = process.memory_info().rss
    for sent in sent_files:
        answer = await office.send(sent)
        status = str(answer.status_code)
        statuses[status] = statuses.get(status, 0) + 1
        assert answer.status_code in (400, 413, 422), (sent.case, answer.text)
        assert answer.json()["detail"] or answer.json()["errors"]
    assert office.files() == []
    grown = (process.memory_info().rss - before) / 1024 / 1024
    proof(statuses=statuses, grown_megabytes=round(grown, 1))
