"""The form of a widget: as data for a page with scripts, as a page of its own for a person without."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from chassis.db import Reading, open_all_rows
from chassis.logs import traceparent_now
from chassis.moments import utc_now
from chassis.problems import Forbidden, NotFound, Problem
from chassis.resources import resources_in
from chassis.strict_routes import Router
from services.intake.attachments.api.uploads import CALLER
from services.intake.field_types import RegionCode
from services.intake.registration.actions.preparing import Accepted, Submission
from services.intake.registration.api.submissions import describe_body
from services.intake.resources import IntakeResources
from services.intake.tables.widgets import Widget
from services.intake.widget.actions.submitting import FormTokenSpent, check_form, prepare_form, submit_form
from services.intake.widget.api.reading import FORM, Written, read_written
from services.intake.widget.api.routes import SiteRoute, answer_preflight, open_to_its_sites
from services.intake.widget.queries import find_widget, list_listed, offer_topics
from services.intake.widget.rules.origins import may_send
from services.intake.widget.rules.pages import (
    Choice,
    Form,
    page_of_form,
    page_of_receipt,
    page_of_refusal,
    wants_page,
)
from services.intake.widget.rules.tokens import NONCE_BYTES, FormToken, sign_token
from services.intake.widget.schemas import (
    KnownPlaces,
    ListedWidgets,
    OfferedTopic,
    WantedProof,
    WidgetAppeal,
    WidgetForm,
    WidgetReceipt,
)

PREFIX: Final = "/api/v1/widget"
router = Router(prefix=PREFIX, tags=["widgets"], route_class=SiteRoute)
# What a person without scripts is told, by the problem; the rest says nothing that helps.
_WORDS: Final = {
    "form-token-refused": "Форма устарела или отправлена слишком быстро. Ничего не потеряно: отправьте ещё раз.",
    "invalid": "Напишите, что случилось, и проверьте заполненные поля.",
    "too-many-requests": "Слишком много обращений подряд. Подождите минуту и отправьте ещё раз.",
    "unavailable": "Система сейчас недоступна. Подождите немного и отправьте ещё раз.",
}
_BODY: Final[dict[str, Any]] = {
    "required": True,
    "description": "The form; a page without scripts sends the same fields flat.",
    "content": {
        "application/json": {"schema": describe_body(WidgetAppeal)},
        FORM: {
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            "example": {"form_token": "AZoiO…", "text": "Яма на дороге", "address": "ул. Ленина, 12"},
        },
    },
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A widget that somebody has come to, with what can be chosen there where it is shown."""

    request: Request
    resources: IntakeResources
    widget: Widget
    topics: Sequence[OfferedTopic]

    @property
    def address(self) -> str:
        """Whose address the request counts for."""
        return self.request.headers.get(CALLER, "local")

    def token(self) -> tuple[str, int]:
        """A fresh one, and the bits of its proof of work."""
        bits = self.resources.guard.bits_for_next(self.widget.key, self.address)
        token = FormToken(self.widget.id, utc_now(), os.urandom(NONCE_BYTES), bits)
        return sign_token(self.resources.secrets.hash_key, token), bits


async def _open(request: Request, key: str, *, is_shown: bool = False) -> Opened:
    resources = resources_in(request.app, IntakeResources)
    async with resources.reading_sessions() as session:
        # The key alone says which widget is meant; what follows is shown to everybody.
        await open_all_rows(session)
        widget = await find_widget(session, key)
        open_to_its_sites(request, widget)
        topics = await offer_topics(session, widget) if is_shown else []
        return Opened(request, resources, widget, topics)


@router.get("")
async def list_listed_widgets(session: Reading, region: RegionCode | None = None) -> ListedWidgets:
    """Forms that citizens find by their region, for pages that begin without a key."""
    await open_all_rows(session)
    return await list_listed(session, region)


@router.get("/{key}", response_model=WidgetForm)
async def show_form(request: Request, key: str) -> Response:
    """What a page needs to show the form; a browser that asks for HTML gets the form itself."""
    opened = await _open(request, key, is_shown=True)
    if wants_page(request.headers.get("accept", "")):
        return _show(opened, {}, ())
    token, bits = opened.token()
    widget = opened.widget
    form = WidgetForm(
        title=widget.title,
        topics=list(opened.topics),
        form_token=token,
        proof=WantedProof(algorithm="sha256", bits=bits),
        known=KnownPlaces(list=f"/api/v1/known?region={widget.region}", enough="/api/v1/known/{id}/enough"),
        region=widget.region,
        municipality=widget.municipality,
    )
    return _document(form, 200)


@router.post(
    "/{key}/appeals",
    status_code=201,
    response_model=WidgetReceipt,
    responses={200: {"model": WidgetReceipt, "description": "The same was sent with this form_token before"}},
    openapi_extra={"requestBody": _BODY},
)
async def send_form(request: Request, key: str) -> Response:
    """Register what a form says, once for each form_token; the same sent again is answered 200 with the first receipt. A browser
    that asks for HTML is shown it."""
    try:
        written = await read_written(request)
    except Problem:
        with suppress(NotFound):
            await _open(request, key)  # the site's page may read what is wrong
        raise
    as_page = wants_page(request.headers.get("accept", ""))
    opened = await _open(request, key, is_shown=as_page)
    if not may_send(request.headers.get("origin"), opened.widget.origins, request.headers.get("host")):
        raise Forbidden("This widget does not belong on that site.")
    try:
        item, accepted = await _take(opened, written)
    except Problem as problem:
        if not as_page:
            raise
        return _explain(opened, written, problem)
    status = 201 if accepted.id == item.id else 200
    if as_page:
        title = opened.widget.title
        return _page(opened, page_of_receipt(title, accepted.number, accepted.code, item.notice), status)
    return _document(_receipt(accepted, item.notice), status)


async def _take(opened: Opened, written: Written) -> tuple[Submission, Accepted]:
    body, secrets, now = written.require(), opened.resources.secrets, utc_now()
    sent = check_form(secrets, opened.widget, body, now)
    opened.resources.guard.admit(opened.widget.key, opened.address, proven=body.proof is not None)
    item = prepare_form(secrets, sent, now, traceparent_now.get())
    return item, await submit_form(opened.resources.groups, item)


def _receipt(accepted: Accepted, notice: str | None) -> WidgetReceipt:
    return WidgetReceipt(
        id=accepted.id,
        number=accepted.number,
        tracking_code=accepted.code,
        status=accepted.status,
        received_at=accepted.received_at,
        notice=notice,
    )


def _explain(opened: Opened, written: Written, problem: Problem) -> Response:
    """The form again with everything that was written, unless something else has been sent with it."""
    if isinstance(problem, FormTokenSpent):
        words = ["Обращение уже отправлено. Чтобы написать ещё одно, откройте форму заново."]
        return _page(opened, page_of_refusal(opened.widget.title, words), problem.status)
    words = [_WORDS.get(problem.slug, "Обращение не отправлено. Попробуйте ещё раз.")]
    shown = _show(opened, written.fields, words, problem.status)
    shown.headers.update(problem.headers)
    return shown


def _show(opened: Opened, written: Any, faults: Sequence[str], status: int = 200) -> Response:
    token, _ = opened.token()
    widget = opened.widget
    choices = [Choice(topic.code, topic.name) for topic in opened.topics]
    action = f"{PREFIX}/{widget.key}/appeals"
    form = Form(widget.title, action, token, choices, written, faults)
    return _page(opened, page_of_form(form), status)


def _page(opened: Opened, page: str, status: int) -> Response:
    sites = " ".join(["'self'", *opened.widget.origins])
    headers = {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
            f"frame-ancestors {sites}"
        ),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(page, status, headers)


def _document(answer: WidgetForm | WidgetReceipt, status: int) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(answer.model_dump(mode="json")), status, headers, "application/json")


@router.options("/{key}", include_in_schema=False)
async def ask_to_read(request: Request, key: str) -> Response:
    """What a browser asks before a page of another site reads."""
    return await _allow(request, key, "GET, HEAD, OPTIONS")


@router.options("/{key}/appeals", include_in_schema=False)
async def ask_to_send(request: Request, key: str) -> Response:
    """The same before it sends."""
    return await _allow(request, key, "OPTIONS, POST")


async def _allow(request: Request, key: str, methods: str) -> Response:
    """The methods of a path are no secret; which pages may use them is the widget's."""
    with suppress(NotFound):
        await _open(request, key)
    return answer_preflight(request, methods)
