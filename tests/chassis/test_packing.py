"""What is packed opens again, also by the versions to come."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import packing
from chassis.outbox import PACKING as EVENTS
from chassis.packing import Packing
from tests.chassis.conftest import registered

PROJECT = Path(__file__).resolve().parents[2]
# Rows were packed after these very bytes: a better dictionary gets the next number.
DICTIONARIES = {
    "chassis/packing/dictionaries/events.dictionary.1.txt": "1eb38e1881f42f04",
    "chassis/packing/dictionaries/events.dictionary.2.txt": "ba723f0a0e0ec33b",
    "services/intake/history/rules/dictionaries/history.dictionary.1.txt": "db4d23470b0b500a",
    "services/intake/history/rules/dictionaries/history.dictionary.2.txt": "d9f00f32f002fa03",
    "services/routing/assignments/rules/dictionaries/assignments.dictionary.1.txt": "0ebcf3ee38dce5ea",
    "services/routing/assignments/rules/dictionaries/assignments.dictionary.2.txt": "7321e28b3b6bb52c",
    "services/sla/clocks/rules/dictionaries/clocks.dictionary.1.txt": "0b6ac1aef0b0d30a",
    "services/sla/clocks/rules/dictionaries/clocks.dictionary.2.txt": "115539b7afac7f00",
}
PACKED = bytes.fromhex(
    "01036556588a05267450e90be9c5345cec5180f4af409525accfb201d49cde0f4af7cda0363d307b03a5160275f741fbbc3b01"
)


@given(st.binary(max_size=20_000) | st.text(max_size=5_000).map(str.encode))
def test_anything_opens_as_it_was(plain: bytes) -> None:
    assert EVENTS.unpack(EVENTS.pack(plain)) == plain


def test_what_was_packed_once_opens_for_ever() -> None:
    assert EVENTS.unpack(PACKED).decode() == "Не горит фонарь возле дома 5 по улице Союзной"


def test_dictionaries_are_never_changed() -> None:
    found = {
        str(file.relative_to(PROJECT)): hashlib.blake2b(file.read_bytes(), digest_size=8).hexdigest()
        for package in ("chassis", "services")
        for file in (PROJECT / package).rglob("*.[0-9].txt")
    }
    assert found == DICTIONARIES


def test_an_older_dictionary_stays_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "shelf"
    (package / "dictionaries").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "dictionaries" / "words.dictionary.1.txt").write_text("первый словарь")
    (package / "dictionaries" / "words.dictionary.2.txt").write_text("второй словарь, лучше")
    monkeypatch.syspath_prepend(str(tmp_path))
    older, newer = Packing("shelf", "words"), Packing("shelf", "words", versions=2)
    old, new = older.pack("первый".encode()), newer.pack("второй".encode())
    assert (newer.unpack(old).decode(), newer.unpack(new).decode()) == ("первый", "второй")
    with pytest.raises(ValueError, match="not here"):
        older.unpack(new)


@pytest.mark.parametrize("damage", [b"", b"\x00", b"\x07abc", b"\x01", b"\x01\xff\xff\xff", "cut"])
def test_what_is_damaged_is_said_to_be(damage: bytes | str) -> None:
    packed = EVENTS.pack(b"a text that is long enough to be cut")[:-3] if isinstance(damage, str) else damage
    with pytest.raises(ValueError, match="packed"):
        EVENTS.unpack(packed)


def test_a_dictionary_fits_into_the_window() -> None:
    """What lies further back is never found again."""
    sizes = {name: (PROJECT / name).stat().st_size for name in DICTIONARIES}
    assert {name: size for name, size in sizes.items() if size > 1 << -packing._WINDOW} == {}


def test_an_event_takes_a_third_of_its_room() -> None:
    payload = orjson.dumps(registered().envelope())
    assert len(EVENTS.pack(payload)) < len(payload) / 3
