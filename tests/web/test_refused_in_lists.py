"""What cannot be done with an entry of a list is said inside the entry; its form stays as it was filled in."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.web.conftest import Served
from tests.web.stand_in import FORM_KEY

ID = str(UUID(int=5))
ACT = f"POST /appeals/{ID}/moderation"
PATH = f"/centre/moderation/{ID}"
PARTIAL = {"HX-Request": "true", "HX-Target": f"article#e-{ID}"}
FORM = {"form_key": FORM_KEY, "decision": "reject", "reason": "Не по адресу"}
WORDS = {
    0: "Система сейчас не отвечает",
    403: "Ваша роль этого не позволяет",
    404: "Такой страницы нет",
    429: "Слишком много запросов",
    500: "Не получилось",
    503: "Система сейчас недоступна",
}


def _is_bare(text: str) -> bool:
    return text.startswith('<p class="notice warn" role="alert">') and "<html" not in text


@pytest.mark.parametrize(("refusal", "words"), WORDS.items())
async def test_a_refused_act_is_said_where_messages_stand(served: Served, refusal: int, words: str) -> None:
    served.sign_in("coordinator")
    served.fail(ACT, refusal)
    answer = await served.client.post(PATH, data=FORM, headers=PARTIAL)
    assert (answer.headers.get("hx-retarget"), answer.headers.get("hx-reswap")) == (f"#w-{ID}", "innerHTML")
    assert (answer.status_code >= 400, words in answer.text, _is_bare(answer.text)) == (True, True, True)


@pytest.mark.parametrize("form", [FORM | {"form_key": "of yesterday"}, FORM | {"decision": "?"}])
async def test_so_are_forms_that_are_not_taken(served: Served, form: dict[str, str]) -> None:
    served.sign_in("coordinator")
    answer = await served.client.post(PATH, data=form, headers=PARTIAL)
    assert (answer.headers.get("hx-retarget"), _is_bare(answer.text)) == (f"#w-{ID}", True)


@pytest.mark.parametrize("target", ["", "article", "body#main", "article#e-<b>", f"article#e-{ID}, body"])
async def test_without_an_entry_the_words_come_alone(served: Served, target: str) -> None:
    served.sign_in("coordinator")
    headers = {"HX-Request": "true", "HX-Target": target}
    answer = await served.client.get("/centre/nothing", headers=headers)
    assert ("hx-retarget" in answer.headers, _is_bare(answer.text)) == (False, True)


async def test_whoever_has_no_region_yet_chooses_on_a_whole_page(served: Served) -> None:
    served.sign_in("admin", "*")
    served.client.cookies.delete("otklik-centre")
    answer = await served.client.post(PATH, data=FORM, headers=PARTIAL)
    assert answer.headers.get("hx-refresh") == "true"
