"""Passwords are hashed at a price, made anew when it rises, and no flood of them takes the process."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from chassis.problems import Unavailable
from gateway.people.hashing import PasswordHashing
from gateway.settings import GatewaySettings
from harness.databases import Database
from tests.gateway.conftest import Services, listening, settings_of
from tests.gateway.people.conftest import CHEAP, PASSWORD, Office


async def test_the_price_is_the_one_recommended_and_fits_into_a_small_machine() -> None:
    """OWASP's password storage cheat sheet: argon2id with 19 MiB and two rounds, at least."""
    settings = GatewaySettings()
    assert 19 * 1024 <= settings.password_memory_kib <= 20_000_000 // 1024
    assert settings.password_rounds >= 2
    hashing = PasswordHashing(settings)
    hashed = await hashing.make(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await hashing.fits(hashed, PASSWORD)
    assert not await hashing.fits(hashed, f"{PASSWORD} ")
    assert not await hashing.fits(None, PASSWORD)
    assert not await hashing.fits("damaged", PASSWORD)
    assert not hashing.is_outdated(hashed)
    hashing.close()


async def test_one_password_is_one_however_its_letters_are_composed() -> None:
    hashing = PasswordHashing(GatewaySettings(**CHEAP))
    hashed = await hashing.make("чай с мёдом и йодом")
    assert await hashing.fits(hashed, "чай с мёдом и йодом")
    assert not await hashing.fits(hashed, "Чай с мёдом и йодом")
    hashing.close()


async def test_a_flood_waits_in_few_places_and_one_thread() -> None:
    hashing = PasswordHashing(GatewaySettings(**CHEAP, signing_in_at_once=3))
    names: set[str] = set()
    compare = hashing._compare

    def noting(stored: str, password: str) -> bool:
        names.add(threading.current_thread().name)
        return compare(stored, password)

    hashing._compare = noting  # type: ignore[method-assign]

    async def come() -> bool:
        try:
            with hashing.place():
                await hashing.fits(None, PASSWORD)
        except Unavailable:
            return False
        return True

    let_in = await asyncio.gather(*(come() for _ in range(50)))
    assert sum(let_in) == 3
    assert len(names) == 1
    assert threading.current_thread().name not in names
    assert await come()
    hashing.close()


async def test_whoever_is_sent_away_by_a_flood_has_not_failed(
    office: Office, shared_database: Database, standing: Services, tmp_path: Path
) -> None:
    person = await office.hire()
    settings = settings_of(shared_database, standing, tmp_path, **CHEAP, signing_in_at_once=1)
    async with listening(settings) as small:
        crowded = Office(small, shared_database, await small.headers())
        with small.app.resources.passwords.place():
            for _ in range(6):
                refused = await crowded.try_sign_in(person["login"])
                assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        await crowded.sign_in(person)


@pytest.mark.parametrize("change", [{"password_rounds": 2}, {"password_memory_kib": 16}])
async def test_a_hash_is_made_anew_when_the_price_has_changed(
    office: Office, shared_database: Database, standing: Services, tmp_path: Path, change: dict[str, int]
) -> None:
    person = await office.hire()
    read = "SELECT password_hash FROM gateway.person WHERE id = :id"
    (before,) = await office.read(read, id=person["id"])
    async with listening(settings_of(shared_database, standing, tmp_path, **{**CHEAP, **change})) as dearer:
        elsewhere = Office(dearer, shared_database, office.admin)
        await elsewhere.try_sign_in(person["login"], "не тот пароль вовсе")
        assert await office.read(read, id=person["id"]) == [before]
        await elsewhere.sign_in(person)
    (after,) = await office.read(read, id=person["id"])
    assert after != before
    assert after.password_hash.split("$")[3] == (
        f"m={change.get('password_memory_kib', 8)},t={change.get('password_rounds', 1)},p=1"
    )
    await office.sign_in(person)
