"""Reading appeals over HTTP: who may, lists, the feed, the original."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from harness.resources import worker_session
from tests.intake.conftest import BODY, OPEN, OTHER_BODY, Story, handle, mask_all, post


async def test_who_may_read(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    receipt = await post(client, mint.headers("portal"))
    await mask_all(app)
    await handle(app, Story(receipt["id"]).created())
    path = f"{OPEN}/{receipt['id']}"
    expected = {
        200: [
            mint.headers("portal"),
            mint.headers("agency", organisation=BODY.id),
            mint.headers("coordinator"),
            mint.headers("analyst"),
            mint.headers("admin", ["*"]),
        ],
        404: [
            mint.headers("portal", client="another"),
            mint.headers("agency", organisation=OTHER_BODY.id),
            mint.headers("coordinator", ["59"]),
        ],
        403: [mint.headers("federal", ["*"])],
    }
    for status, everybody in expected.items():
        for headers in everybody:
            for suffix in ("", "/history"):
                assert (await client.get(path + suffix, headers=headers)).status_code == status
    listed = {
        name: len((await client.get(OPEN, headers=headers)).json()["items"])
        for name, headers in {
            "own": mint.headers("portal"),
            "other": mint.headers("portal", client="another"),
            "holder": mint.headers("agency", organisation=BODY.id),
            "stranger": mint.headers("agency", organisation=OTHER_BODY.id),
        }.items()
    }
    assert listed == {"own": 1, "other": 0, "holder": 1, "stranger": 0}
    assert (await client.get(f"{OPEN}?region=59", headers=mint.headers("coordinator"))).status_code == 403


async def test_lists_filter_and_page(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    headers = mint.headers("portal")
    receipts = [
        await post(client, headers, text=words)
        for words in ("Яма на дороге", "Сломаны качели во дворе", "Ямы заделали плохо")
    ]
    await mask_all(app)
    await handle(app, Story(receipts[0]["id"]).created())

    async def numbers(query: str) -> list[str]:
        response = await client.get(f"{OPEN}?{query}", headers=headers)
        assert response.status_code == 200, response.text
        return [item["number"][-1] for item in response.json()["items"]]

    today = datetime.now(UTC).date()
    assert await numbers("region=46") == ["3", "2", "1"]
    assert await numbers("q=яма") == ["3", "1"]
    assert await numbers("q=качелями") == ["2"]
    assert await numbers(f"q={receipts[1]['number']}") == ["2"]
    assert await numbers("status=in_work") == ["1"]
    assert await numbers(f"from={today - timedelta(days=1)}&to={today + timedelta(days=2)}") == [
        "3",
        "2",
        "1",
    ]
    assert await numbers(f"to={today - timedelta(days=1)}") == []
    page = (await client.get(f"{OPEN}?limit=2", headers=headers)).json()
    rest = (await client.get(f"{OPEN}?limit=2&cursor={page['next_cursor']}", headers=headers)).json()
    assert [item["number"][-1] for item in page["items"] + rest["items"]] == ["3", "2", "1"]
    assert rest["next_cursor"] is None
    assert (await client.get(f"{OPEN}?cursor=nonsense", headers=headers)).status_code == 400
    for query in ("q=%00", "from=0001-01-01", "status=lost", "limit=0", "region=xx"):
        assert (await client.get(f"{OPEN}?{query}", headers=headers)).status_code == 422
    assert await numbers("q=%22%27%20%26%20|%20!(") == []


async def test_a_search_finds_words_however_they_are_spelled(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    headers = mint.headers("portal")
    written = (
        "Дым\u00a0из\u00a0трубы, юго‑западный район",
        "Мусо\u0301р у бе\u200bрёзы — не вывозят",
        "Паpковка на гaзоне",
    )
    for words in written:
        await post(client, headers, text=words)
    await mask_all(app)

    async def found(words: str) -> list[str]:
        response = await client.get(OPEN, params={"q": words}, headers=headers)
        assert response.status_code == 200, response.text
        return [item["text"] for item in response.json()["items"]]

    for typed in (
        "дым",
        "ТРУБЫ",
        "юго-западный",
        "юго—западный",
        "дым\u00a0 трубы",
        "ды\u200bм",
        "трубы — район",
    ):
        assert await found(typed) == [written[0]], typed
    for typed in ("мусор", "березы", "БЕРЁЗЫ", "бepёзa", "му\u00adсор"):
        assert await found(typed) == [written[1]], typed
    assert await found("парковка") == [written[2]]
    assert await found("мусор -березы") == []
    assert await found("46‑2026‑0000001 ".replace("2026", str(datetime.now(UTC).year))) == [written[0]]


async def test_the_feed_tells_own_changes(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    receipt = await post(client, mint.headers("portal"), external_id="ours-17")
    nameless = await post(client, mint.headers("portal"), external_id=None)
    await post(client, mint.headers("portal", client="another"))
    await mask_all(app)
    story = Story(receipt["id"])
    await handle(app, story.created())
    await handle(app, story.deadline())
    feed = (await client.get(f"{OPEN}/changes", headers=mint.headers("portal"))).json()
    assert [(item["appeal_id"], item["change"]) for item in feed["items"]] == [
        (receipt["id"], "registered"),
        (nameless["id"], "registered"),
        (receipt["id"], "status"),
        (receipt["id"], "deadline"),
    ]
    assert [item["external_id"] for item in feed["items"]] == ["ours-17", None, "ours-17", "ours-17"]
    again = (
        await client.get(f"{OPEN}/changes?cursor={feed['next_cursor']}", headers=mint.headers("portal"))
    ).json()
    assert again["items"] == []
    assert again["next_cursor"]


async def test_a_feed_can_begin_at_its_end(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    portal = mint.headers("portal")
    receipt = await post(client, portal)
    await mask_all(app)
    story = Story(receipt["id"])
    await handle(app, story.created())
    begun = (await client.get(f"{OPEN}/changes?from=now", headers=portal)).json()
    assert begun["items"] == []
    await handle(app, story.deadline())
    later = f"{OPEN}/changes?from=now&cursor={begun['next_cursor']}"  # with a cursor it says nothing
    for path in (later, later):
        items = (await client.get(path, headers=portal)).json()["items"]
        assert [(item["appeal_id"], item["change"]) for item in items] == [(receipt["id"], "deadline")]
    assert (await client.get(f"{OPEN}/changes?from=yesterday", headers=portal)).status_code == 422
    stranger = mint.headers("portal", client="another")
    assert (await client.get(later, headers=stranger)).status_code == 400


async def test_a_history_is_read_page_by_page(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    portal = mint.headers("portal")
    receipt = await post(client, portal)
    await mask_all(app)
    story = Story(receipt["id"])
    await handle(app, story.created(), story.accepted(), story.interim(), story.answered())
    path = f"{OPEN}/{receipt['id']}/history"
    whole = (await client.get(path, headers=portal)).json()
    assert (len(whole["items"]) > 3, whole["next_cursor"]) == (True, None)
    found, cursor = [], ""
    while cursor is not None:
        page = (await client.get(f"{path}?limit=2&cursor={cursor}", headers=portal)).json()
        found += page["items"]
        cursor = page["next_cursor"]
    assert found == whole["items"]


async def test_the_original_needs_a_purpose_and_is_logged(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    receipt = await post(client, mint.headers("portal"))
    path = f"{OPEN}/{receipt['id']}/original"
    story, purpose = Story(receipt["id"]), {"purpose": "Выезд на место"}
    await handle(app, story.created())
    holder = mint.headers("agency", organisation=BODY.id)
    assert (await client.post(path, json={}, headers=holder)).status_code == 422
    assert (await client.post(path, json=purpose, headers=mint.headers("portal"))).status_code == 403
    stranger = mint.headers("agency", organisation=OTHER_BODY.id)
    assert (await client.post(path, json=purpose, headers=stranger)).status_code == 404
    opened = (await client.post(path, json=purpose, headers=holder)).json()
    assert opened["text"] == "Яма на дороге, меня зовут Иванов Пётр, тел. 8 910 123-45-67"
    assert opened["applicant"] == {"name": "Иванов Пётр Сергеевич", "phone": "+79101234567", "email": None}
    assert opened["address"].endswith("кв. 34")
    assert (await client.post(path, json=purpose, headers=mint.headers("coordinator"))).status_code == 200
    await handle(app, story.corrected())  # the question went to another body
    assert (await client.post(path, json=purpose, headers=holder)).status_code == 404
    assert (await client.get(f"{OPEN}/{receipt['id']}", headers=holder)).status_code == 404
    async with worker_session(app) as session:
        log = await session.execute(text("SELECT role, purpose FROM intake.original_access ORDER BY id"))
        assert [tuple(row) for row in log] == [
            ("agency", "Выезд на место"),
            ("coordinator", "Выезд на место"),
        ]


async def test_an_appeal_brings_its_history_where_that_is_asked_for(app_client: Any, mint: Any) -> None:
    """The same lines as the history by itself has, for each as they may read them."""
    client, app = await app_client("intake")
    receipt = await post(client, mint.headers("portal"))
    await mask_all(app)
    story = Story(receipt["id"])
    await handle(app, story.created(), story.accepted(), story.interim(), story.answered())
    path = f"{OPEN}/{receipt['id']}"
    opened = await client.post(
        f"{path}/original", json={"purpose": "Ответ"}, headers=mint.headers("coordinator")
    )
    assert opened.status_code == 200, opened.text
    seen: dict[str, list[Any]] = {}
    for role in ("portal", "coordinator", "analyst"):
        headers = mint.headers(role)
        whole = (await client.get(f"{path}?history=true", headers=headers)).json()
        plain = (await client.get(path, headers=headers)).json()
        seen[role] = whole["history"]
        assert whole["history"] == (await client.get(f"{path}/history", headers=headers)).json()["items"]
        assert plain == whole | {"history": None}
        assert len(plain["answers"]) == 2
    assert len(seen["coordinator"]) > len(seen["portal"]) > 3, "officials read who opened the original, too"
    wrong = await client.get(f"{path}?history=some", headers=mint.headers("portal"))
    assert wrong.status_code == 422
