"""One act on several assignments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from web.desk.case_views import BulkResult
from web.desk.rules import Chosen
from web.platform.client import Platform


class BulkForm(BaseModel):
    """What the list sends. The fields of the other acts come along, empty."""

    action: Literal["accept", "redirect", "answer", "assign"] = "accept"
    chosen: list[str] = []
    key: str = ""
    form_key: str = ""
    reason_code: str = ""
    comment: str = ""
    text: str = ""
    outcome: str = ""
    promised_on: str = ""
    person: str = ""


def common_fields(form: BulkForm) -> dict[str, str]:
    """What is the same for all of them."""
    if form.action == "redirect":
        return {"reason_code": form.reason_code, "comment": form.comment}
    if form.action == "answer":
        promised = {"promised_on": form.promised_on} if form.promised_on else {}
        return {"text": form.text, "outcome": form.outcome} | promised
    if form.action == "assign":
        return {"person": form.person}
    return {}


async def act_on_chosen(platform: Platform, form: BulkForm, chosen: Sequence[Chosen]) -> BulkResult:
    """Do it; what became of each."""
    items = [{"id": str(each.id), "version": each.version} for each in chosen]
    body = {"action": form.action, "items": items, **common_fields(form)}
    return await platform.send(BulkResult, "/assignments/bulk", body, key=form.key)
