"""An integrator's program on the client package, against the whole system: what goes wrong on the way goes right in the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from harness.system import Account, System
from otklik_client import (
    AsyncClient,
    Client,
    ExternalIdReused,
    File,
    Invalid,
    LeaseLost,
    NotFound,
    ProblemError,
    RateLimited,
    Unauthorised,
    VersionStale,
)
from otklik_client.models import (
    Accept,
    ChangedWork,
    Claim,
    ClientCreate,
    ClientWithSecret,
    Extend,
    NewAppeal,
    NewWork,
    SecretRotate,
    SignedAnswer,
)
from tests.clients.standin import Line
from tests.intake.attachments.honest import photo_with_exif
from tests.journeys.steps import holder, until

ANSWER = SignedAnswer(
    text="Яма заделана 3 декабря. Вопросы: 8 (4712) 12-34-56, Петров Иван Ильич.", outcome="solved"
)


def of(account: Account, **how: float) -> Client:
    """A client of somebody of the demo."""
    return Client(
        account.system.url, account.client_id, account.client_secret, patience=how.get("patience", 60)
    )


def appeal(text: str = "На улице Карла Маркса у дома 12 яма на дороге") -> NewAppeal:
    return NewAppeal(region="46", external_id=str(uuid4()), text=text, municipality="38701000")


@pytest.fixture
def portal(system: System) -> Iterator[Client]:
    with of(system.account("portal")) as opened:
        yield opened


@pytest.fixture
def admin(system: System) -> Iterator[Client]:
    with of(system.account("admin")) as opened:
        yield opened


@contextmanager
def made(admin: Client, **stated: object) -> Iterator[ClientWithSecret]:
    """A client of its own, revoked at the end."""
    wanted = {"name": "Проба клиента", "role": "portal", "regions": ["46"], **stated}
    found = admin.clients.create_client(ClientCreate.model_validate(wanted))
    try:
        yield found
    finally:
        admin.clients.revoke_client(found.client_id)


@contextmanager
def line_to(system: System) -> Iterator[Line]:
    """A line that loses answers."""
    with Line(urlsplit(system.url).port or 80) as line:
        yield line


def test_an_answer_that_is_lost_registers_once(system: System, portal: Client) -> None:
    """The line breaks before the answer, in its head and in its body: a key that the client made itself is known there."""
    account, text = system.account("portal"), f"На улице Ленина не горит фонарь {uuid4()}"
    with line_to(system) as line, Client(line.url, account.client_id, account.client_secret) as unlucky:
        unlucky.authenticate()
        line.cuts.extend([0, 20, 300])
        receipt = unlucky.appeals.submit_appeal(NewAppeal(region="46", text=text))
        assert line.lost == 3
    found = [each.id for each in portal.appeals.list_appeals(q=receipt.number, limit=10)]
    assert found.count(receipt.id) == 1
    follows = portal.appeals.submit_appeal(NewAppeal(region="46", text="Не горит фонарь у школы")).number
    assert int(follows[8:]) == int(receipt.number[8:]) + 1, "no number was given to a repeat"


def test_many_are_sent_line_by_line_and_read_page_by_page(portal: Client) -> None:
    begun = portal.appeals.follow_changes(from_="now").page().next_cursor
    appeals = [appeal(f"Во дворе дома {n} не убран снег") for n in range(25)]
    wrong = NewAppeal(region="46", external_id=str(uuid4()), text="")
    results = list(portal.appeals.submit_batch([*appeals[:10], wrong, *appeals[10:]], chunk_lines=8))
    assert [result.line for result in results] == list(range(1, 27))
    assert results[10].problem is not None
    assert results[10].problem.errors
    assert results[10].problem.errors[0].pointer == "/text"
    ids = {result.id for result in results if result.problem is None}
    assert len(ids) == 25
    again = list(portal.appeals.submit_batch(appeals))
    assert {result.id for result in again} == ids
    assert {result.status for result in again} == {200}
    pages = list(portal.appeals.list_appeals(limit=10).pages())
    assert len(pages) > 2
    listed = [line.id for page in pages for line in page.items]
    assert len(listed) == len(set(listed))
    assert ids <= set(listed)
    seen: set[UUID] = set()
    for page in portal.appeals.follow_changes(cursor=begun, limit=7).follow(wait=0.2):
        seen |= {change.appeal_id for change in page.items}
        if ids <= seen:
            break
    with pytest.raises(ExternalIdReused):
        portal.appeals.submit_appeal(appeals[0].model_copy(update={"text": "Другое"}))
    with pytest.raises(NotFound):
        portal.appeals.read_appeal(uuid4())


def test_a_task_is_leased_kept_and_answered(system: System, portal: Client) -> None:
    """Under its lease, in the version that was read; whoever has another one is told so."""
    receipt = portal.appeals.submit_appeal(appeal())
    with of(holder(system, str(receipt.id))) as agency, of(holder(system, str(receipt.id))) as other:
        tasks = agency.queue.claim_assignments(Claim(limit=500, lease_seconds=600)).items
        (task,) = [each for each in tasks if each.appeal_id == receipt.id]
        assert receipt.id not in {
            each.appeal_id for each in other.queue.claim_assignments(Claim(limit=500)).items
        }
        with pytest.raises(LeaseLost):
            other.assignments.accept(task.id, Accept(lease_token="not mine"), if_match=task)
        agency.assignments.extend_lease(task.id, Extend(lease_seconds=900), if_match=task)
        taken = agency.assignments.accept(task.id, Accept(external_ref="ВХ-7"), if_match=task)
        with pytest.raises(VersionStale) as stale:
            other.assignments.answer(taken.id, ANSWER, if_match=task)
        assert (stale.value.status, stale.value.slug) == (412, "version-stale")
        answered = agency.assignments.answer(taken.id, ANSWER, if_match=taken)
        assert answered.status in ("answered", "in_review")
        assert answered.external_ref == "ВХ-7"
        for each in tasks:
            if each.id != task.id:
                agency.assignments.release(each.id, if_match=each)
        entered = [change.change for change in agency.queue.follow_queue() if change.assignment_id == task.id]
        assert entered[0] == "entered"
    shown = until(lambda: portal.appeals.read_appeal(receipt.id).organisation)
    assert shown


def test_a_file_goes_up_and_comes_down(system: System, portal: Client, tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(photo_with_exif())
    sent = portal.attachments.upload_attachment(File.read(file))
    with_file = appeal().model_copy(update={"attachments": [sent.id]})
    assert portal.appeals.submit_appeal(with_file).number
    content = portal.attachments.get_attachment(sent.id).read()
    assert content[:2] == b"\xff\xd8"
    saved = portal.attachments.get_attachment(sent.id).save(tmp_path / "again.jpg")
    assert saved.read_bytes() == content
    with pytest.raises(Invalid, match="file is not taken"):
        portal.attachments.upload_attachment(File("virus.exe", b"MZ\x90\x00" * 100))
    with of(system.agencies()[0]) as agency, pytest.raises(ProblemError):
        agency.attachments.get_attachment(sent.id).read()


def test_a_token_that_ends_is_another_one(system: System, admin: Client) -> None:
    """Taken back by an administrator while the old secret still counts; when that ends, so does the work."""
    with made(admin) as account, Client(system.url, account.client_id, account.client_secret) as portal:
        first = portal.appeals.submit_appeal(appeal())
        admin.clients.rotate_secret(
            account.client_id, SecretRotate(keep_old_seconds=3600, revoke_tokens=True)
        )
        second = portal.appeals.submit_appeal(appeal())
        assert first.id != second.id
        admin.clients.rotate_secret(account.client_id, SecretRotate(keep_old_seconds=0, revoke_tokens=True))
        with pytest.raises(Unauthorised):
            portal.appeals.submit_appeal(appeal())


def refused(client: Client) -> RateLimited | None:
    """What somebody is told who has asked too much."""
    try:
        client.appeals.list_appeals(limit=1).page()
    except RateLimited as limited:
        return limited
    return None


def test_who_asks_too_much_waits_as_long_as_it_is_told(system: System, admin: Client) -> None:
    with made(admin, requests_per_minute=60) as account:
        credentials = account.client_id, account.client_secret
        with Client(system.url, *credentials, patience=0) as hasty:
            limited = until(lambda: refused(hasty))
            assert limited.retry_after
        with Client(system.url, *credentials, patience=60) as patient:
            began = time.monotonic()
            assert patient.appeals.submit_appeal(appeal()).number
            assert time.monotonic() - began >= 0.5


def test_what_was_read_is_put_back_changed(system: System) -> None:
    work = NewWork.model_validate(
        {
            "region": "46",
            "title": f"Ремонт {uuid4()}",
            "kind": "repair",
            "topics": ["water-supply-mkd"],
            "municipality": "38701000",
            "streets": [],
            "starts_at": "2027-05-01T08:00:00+03:00",
            "ends_at": "2027-05-02T08:00:00+03:00",
            "organisation": system.agencies()[0].organisation_id,
            "notice": "Воду дадут 2 мая.",
        }
    )
    with of(system.account("coordinator")) as coordinator:
        topics = {topic.code for topic in coordinator.reference.list_topics(region="46", limit=1000)}
        assert topics == {topic.code for topic in coordinator.reference.list_topics(region="46", limit=1000)}
        known = work.model_copy(update={"topics": sorted(topics)[:1]})
        begun = coordinator.planned_works.add_work(known)
        changed = coordinator.planned_works.replace_work(
            begun.id, ChangedWork.of(begun, title="Ремонт трубы"), if_match=begun
        )
        assert (changed.title, changed.version) == ("Ремонт трубы", begun.version + 1)
        with pytest.raises(VersionStale):
            coordinator.planned_works.remove_work(begun.id, if_match=begun)
        coordinator.planned_works.remove_work(changed.id, if_match=changed)


async def test_figures_are_heard_as_they_change(system: System) -> None:
    account = system.account("analyst")
    async with AsyncClient(system.url, account.client_id, account.client_secret) as analyst:
        async for event in analyst.analytics.listen(region="46"):
            assert event.event == "figures"
            break
        summary = await analyst.analytics.summarise(region="46")
        assert summary.received >= 0
        file = analyst.analytics.export(format="csv", figures="breakdown", by="topic", region="46")
        whole = await file.read()
        assert b"".join([piece async for piece in file]).splitlines()[0] == whole.splitlines()[0]
