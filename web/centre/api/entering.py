"""Appeals that came on paper, by telephone, at a reception: a coordinator enters them."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel

from web.centre.api.assignments import find_topic
from web.centre.showing import Outcome, ask_for, show
from web.centre.views.appeals import Receipt
from web.centre.visits import AtTheCentre, CentreVisit

router = APIRouter()
CHANNELS: Final = {
    "paper": "письмо на бумаге",
    "phone": "звонок",
    "reception": "личный приём",
    "email": "электронная почта",
}


class EntryForm(BaseModel):
    """What the coordinator reads or hears."""

    text: str = ""
    channel: str = "paper"
    statutory: bool = False
    received_on: str = ""
    address: str = ""
    municipality: str = ""
    topic_name: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    once: str = ""


@router.get("/centre/new")
async def open_entry(request: Request, visit: AtTheCentre) -> Response:
    """An empty form."""
    return _show(request, visit, EntryForm())


@router.post("/centre/new")
async def enter_appeal(request: Request, visit: AtTheCentre, form: Annotated[EntryForm, Form()]) -> Response:
    """Register it; the day of receipt starts the clock of registration."""
    body = await _read_body(visit, form)
    if isinstance(body, Outcome):
        return _show(request, visit, form, fault=body)
    receipt = await ask_for(visit.platform.send(Receipt, "/appeals", body, key=form.once or None))
    if isinstance(receipt, Outcome):
        return _show(request, visit, form, fault=receipt)
    following = EntryForm(channel=form.channel, municipality=form.municipality)
    return _show(request, visit, following, receipt=receipt)


def _show(
    request: Request,
    visit: CentreVisit,
    form: EntryForm,
    *,
    fault: Outcome | None = None,
    receipt: Receipt | None = None,
) -> Response:
    status = fault.status if fault else 200
    words = fault.words if fault else ""
    return show(
        request,
        visit,
        "new.html",
        status,
        form=form,
        fault=words,
        receipt=receipt,
        channels=CHANNELS,
        municipalities=visit.person.municipalities,
    )


async def _read_body(visit: CentreVisit, form: EntryForm) -> dict[str, object] | Outcome:
    if not form.text.strip():
        return Outcome("Перепишите текст обращения.", 422)
    applicant = {"name": form.name.strip(), "phone": form.phone.strip(), "email": form.email.strip()}
    body: dict[str, object] = {
        "text": form.text.strip(),
        "region": visit.region,
        "channel": form.channel,
        "regime": "statutory" if form.statutory else "message",
        "received_on": form.received_on,
        "address": form.address.strip(),
        "municipality": form.municipality,
        "applicant": {key: value for key, value in applicant.items() if value} or None,
    }
    if form.topic_name.strip():
        topic = await find_topic(visit, form.topic_name)
        if isinstance(topic, Outcome):
            return topic
        body["topic"] = topic.code
    return {key: value for key, value in body.items() if value}
