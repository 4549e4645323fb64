"""Computing children: they know no secret, end with the service, and never leave half an answer."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.databases import PROJECT
from harness.waiting import eventually
from services.routing.classifier.model import COLD_START, from_bytes, load_model
from services.routing.learning.actions.children import ChildEnded, compute, read_shipped
from services.routing.learning.rules.parcels import Parcel, open_parcel, pack_parcel

IDLER = "tests.routing.learning.idler"
PARENT = f"""
import asyncio
from services.routing.learning.actions.children import compute
from services.routing.learning.rules.parcels import Parcel
asyncio.run(compute("{IDLER}", Parcel(b"{{}}", b"")))
"""


def idlers() -> list[int]:
    """Pids of idling children, whoever started them."""
    return [
        int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit() and _idles(folder)
    ]


def _idles(folder: Path) -> bool:
    try:
        command, state = (folder / "cmdline").read_bytes(), (folder / "stat").read_text()
    except OSError:
        return False
    return command.split(b"\0")[1:3] == [b"-m", IDLER.encode()] and state.rpartition(")")[2].split()[0] != "Z"


def test_what_was_cut_off_is_no_answer() -> None:
    parcel = Parcel(b'{"error": ""}', b"\n\x00model\n")
    assert open_parcel(pack_parcel(parcel)) == parcel
    with pytest.raises(ValueError, match="cut off"):
        open_parcel(b'{"error": "')


async def test_kill_nine_of_the_service_ends_its_child() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=PROJECT)
    try:
        (child,) = await eventually(idlers)
        # It has lowered itself: from then on it ends with its parent.
        await eventually(lambda: os.getpriority(os.PRIO_PROCESS, child) == 19)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    await eventually(lambda: not idlers())


async def test_a_child_that_is_given_up_is_gone_and_one_that_fails_is_no_answer() -> None:
    waiting = asyncio.create_task(compute(IDLER, Parcel(b"{}", b"")))
    await eventually(idlers)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert idlers() == []
    with pytest.raises(ChildEnded) as failed:
        await compute("services.routing.learning.rules.training", Parcel(b"no order", b""))
    assert failed.value.code == 1


async def test_a_child_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_DATABASE_URL", "postgresql://secret")
    waiting = asyncio.create_task(compute(IDLER, Parcel(b"{}", b"")))
    (child,) = await eventually(idlers)
    known = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not [each for each in known if each.startswith(b"OTKLIK")]
    assert b"OMP_NUM_THREADS=1" in known


async def test_a_file_that_stands_for_the_shipped_model_goes_along() -> None:
    assert await read_shipped("") == b"", "the child has the shipped one itself"
    model = from_bytes(await read_shipped(str(COLD_START)))
    assert model.topic.labels == load_model().topic.labels


def test_the_service_itself_never_loads_the_trainers_libraries() -> None:
    """Some hundred megabytes that only the child needs."""
    code = "import sys, services.routing.main; print([m for m in ('scipy',) if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
