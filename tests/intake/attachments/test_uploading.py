"""A file is sent, looked into, kept sealed, and given back to who may have it."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
from PIL import Image
from uuid_utils.compat import uuid7

from harness.databases import Database
from harness.reading import Recorded, growth, recorded
from tests.intake.attachments.conftest import PATH, Office
from tests.intake.attachments.files import Sent, image, pdf
from tests.intake.attachments.honest import document, photo_with_exif

DOCUMENT = Sent("", "Ответ.docx", "", document())


async def test_a_photo_is_written_anew_and_says_nothing_of_its_camera(office: Office) -> None:
    taken = await office.upload(photo_with_exif())
    assert (taken["media_type"], taken["status"]) == ("image/jpeg", "ready")
    answer = await office.fetch(f"{PATH}/{taken['id']}", office.portal)
    assert answer.status_code == 200
    assert len(answer.content) == taken["size"]
    assert hashlib.sha256(answer.content).hexdigest() == taken["sha256"]
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert not picture.getexif()
        assert picture.size == (80, 120), "it stands as it was held"
    assert b"Ivanov" not in answer.content


async def test_a_download_does_not_grow_with_the_files_there_are(office: Office, database: Database) -> None:
    taken = await office.upload()
    answer = await office.client.get(f"{PATH}/{taken['id']}", headers=office.portal)

    async def ask() -> AsyncIterator[tuple[str, Recorded]]:
        with recorded(office.app) as statements:
            assert (await office.client.get(answer.headers["location"])).status_code == 200
        yield "download", statements

    async def fill() -> None:
        look = await asyncpg.connect(database.dsn())
        await look.execute(
            "INSERT INTO intake.attachment SELECT (jsonb_populate_record(f, jsonb_build_object('id', gen_random_uuid()))).* "
            "FROM intake.attachment f, generate_series(1, 20000)"
        )
        await look.execute("VACUUM ANALYZE intake.attachment")
        await look.close()

    [(before, after)] = (await growth(office.app, database, "intake", ask, fill)).values()
    assert after <= before + 100, (before, after)


async def test_nothing_lies_in_clear(office: Office) -> None:
    taken = await office.upload(DOCUMENT)
    (kept,) = office.files()
    assert kept.name == taken["id"]
    assert DOCUMENT.content[:200] not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0 or kept.parent.stat().st_mode & 0o077 == 0
    answer = await office.fetch(f"{PATH}/{taken['id']}", office.portal)
    assert answer.content == DOCUMENT.content


async def test_a_file_is_saved_and_never_shown_in_place(office: Office) -> None:
    taken = await office.upload(Sent("", "a.pdf", "application/pdf", pdf()))
    answer = await office.fetch(f"{PATH}/{taken['id']}", office.portal)
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "no-store" in answer.headers["cache-control"]


async def test_a_link_is_for_one_file_and_five_minutes(office: Office) -> None:
    one, other = await office.upload(), await office.upload()
    link = (await office.client.get(f"{PATH}/{one['id']}", headers=office.portal)).headers["location"]
    assert (await office.client.get(link)).status_code == 200
    assert (await office.client.get(link.replace(one["id"], other["id"]))).status_code == 403
    until = int(link.partition("until=")[2].partition("&")[0])
    assert (await office.client.get(link.replace(str(until), str(until + 60)))).status_code == 403
    assert (await office.client.get(link.partition("?")[0])).status_code == 422
    assert 290 < until - time.time() <= 300


async def test_a_damaged_blob_is_given_to_nobody(office: Office) -> None:
    taken = await office.upload(DOCUMENT)
    link = (await office.client.get(f"{PATH}/{taken['id']}", headers=office.portal)).headers["location"]
    (kept,) = office.files()
    whole = kept.read_bytes()
    for damaged in (whole[:-1], whole[:40] + b"x" + whole[41:], b""):
        kept.write_bytes(damaged)
        assert (await office.client.get(link)).status_code == 503
    kept.unlink()
    assert (await office.client.get(link)).status_code == 404


async def test_a_form_holds_what_it_may(office: Office) -> None:
    for changed, status in (
        ({"region": "00"}, 422),
        ({"region": "77"}, 403),
        ({"unknown": "1"}, 422),
        ({"region": "46" * 5000}, 422),
    ):
        assert (await office.send(None, None, **changed)).status_code == status
    assert not office.files()


async def test_who_has_several_regions_names_one(office: Office) -> None:
    headers = office.mint.headers("portal", ["46", "77"])
    assert (await office.send(headers=headers)).json()["errors"][0]["pointer"] == "/region"
    await office.upload(headers=headers, region="77")


FORMS = [
    ("application/json", b"{}", 415),
    ("multipart/form-data", b"", 400),
    ("multipart/form-data; boundary=a", b"nothing of the kind", 400),
    ("multipart/form-data; boundary=a", b"", 400),
    (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="file"\r\n\r\nhalf',
        400,
    ),
    (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="region"\r\n\r\n46\r\n--a--\r\n',
        422,
    ),
    ("multipart/form-data; boundary=a", b"--a\r\n" + b"X: y\r\n" * 100 + b"\r\n1\r\n--a--\r\n", 400),
]


async def test_a_form_that_is_none(office: Office) -> None:
    for media_type, body, status in FORMS:
        headers = {**office.portal, "content-type": media_type}
        answer = await office.client.post(PATH, content=body, headers=headers)
        assert answer.status_code == status, (body, answer.text)
    assert not office.files()


async def test_ten_megabytes_and_no_more(office: Office) -> None:
    answer = await office.send(b"\xff\xd8\xff" + bytes(10 * 1024 * 1024))
    assert answer.status_code == 413, answer.text
    assert not office.files()


async def test_only_who_may_sends(office: Office) -> None:
    for role in ("coordinator", "analyst", "federal"):
        assert (await office.send(headers=office.mint.headers(role))).status_code == 403
    assert (await office.send(headers={})).status_code == 401
    assert (await office.send(headers={}, form_token="made-up")).status_code == 401
    assert (await office.send(headers={"authorization": "Bearer x"}, form_token="made-up")).status_code == 401
    assert not office.files()


async def test_the_same_key_is_one_file(office: Office) -> None:
    once = {**office.portal, "idempotency-key": "one"}
    first, again = await office.send(headers=once), await office.send(headers=once)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await office.send(image(size=(30, 30)), headers=once)
    assert other.status_code == 422


async def test_others_files_are_not_there(office: Office) -> None:
    taken = await office.upload()
    path = f"{PATH}/{taken['id']}"
    assert (
        await office.client.get(path, headers=office.mint.headers("portal", client="other"))
    ).status_code == 404
    assert (await office.client.get(path, headers=office.agency())).status_code == 404
    assert (await office.client.get(path, headers=office.mint.headers("coordinator"))).status_code == 404
    assert (await office.client.get(f"{PATH}/{uuid7()}", headers=office.portal)).status_code == 404
    assert (await office.client.get(path)).status_code == 401
    own = await office.upload(headers=office.agency())
    assert (await office.client.get(f"{PATH}/{own['id']}", headers=office.agency())).status_code == 302
    assert (
        await office.client.get(f"{PATH}/{own['id']}", headers=office.agency(UUID(int=7)))
    ).status_code == 404


async def test_when_and_where_is_kept_apart_and_sealed(office: Office, database: Any) -> None:
    taken = await office.upload(photo_with_exif())
    look = await asyncpg.connect(database.dsn())
    kept = await look.fetchval("SELECT evidence FROM intake.attachment WHERE id = $1", UUID(taken["id"]))
    payloads = await look.fetch("SELECT packed FROM intake.outbox")
    await look.close()
    assert kept
    assert b"2026" not in kept
    assert len(payloads) == 1
