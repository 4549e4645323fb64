"""The course of an appeal for who may read no texts: everything that happened, and nobody's words."""

from __future__ import annotations

from typing import Any

from services.intake.history.rules.narrative import narrate, narrate_in_outline
from tests.intake.conftest import BODY, OPEN, Story, handle, mask_all, post
from tests.intake.test_history_rules import BODIES, REGISTERED, answered, created, deadline, entry

_WORDS = "Слово, которое кто-то написал"


def test_an_outline_tells_everything_and_repeats_nobodys_words() -> None:
    history = [
        created(),
        entry("redirected", 2, organisation=BODIES[0], reason_code="not_competent", comment=_WORDS),
        entry("clarification_asked", 3, organisation=BODIES[0], question=_WORDS),
        entry("documents_requested", 4, organisation=BODIES[0], addressee=_WORDS, what=_WORDS),
        entry("forwarded", 5, addressee=_WORDS, reason=_WORDS),
        entry("extension_requested", 6, organisation=BODIES[0], days=5, reason=_WORDS),
        entry("moderated", 7, None, decision="hide", reason=_WORDS),
        deadline(8, "2026-12-21"),
        answered(9, outcome="solved"),
    ]
    outline, whole = narrate_in_outline(history, REGISTERED), narrate(history, REGISTERED)
    assert [(each.at, each.kind) for each in outline] == [(each.at, each.kind) for each in whole]
    assert not [each for each in outline if _WORDS in each.what]
    assert {(each.reason, each.person) for each in outline} == {(None, None)}
    assert any(_WORDS in f"{each.what} {each.reason}" for each in whole)


async def test_the_federal_centre_sees_the_course_and_no_text(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    receipt = await post(client, mint.headers("portal"), text="Жукотрещотка сломала лавочку")
    await mask_all(app)
    await handle(app, Story(receipt["id"]).created())
    path = f"{OPEN}/{receipt['id']}/outline"
    for role, regions in (("federal", ["*"]), ("coordinator", ["46"]), ("analyst", ["46"])):
        answer = await client.get(path, headers=mint.headers(role, regions))
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        assert (shown["number"], shown["organisation"]) == (receipt["number"], BODY.name)
        assert [each["kind"] for each in shown["steps"]][:2] == ["registered", "created"]
        assert "Жукотрещотка" not in answer.text
    refused = {
        404: [mint.headers("coordinator", ["59"])],
        403: [mint.headers("portal"), mint.headers("agency", organisation=BODY.id)],
    }
    for status, everybody in refused.items():
        for headers in everybody:
            assert (await client.get(path, headers=headers)).status_code == status
