"""POST /api/v1/attachments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response

from chassis.db import Transactions, open_rows_to_bearer
from chassis.idempotency import Idempotent, json_response
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import Unauthorised
from chassis.resources import resources_in
from chassis.security import Allow
from chassis.strict_routes import Router
from services.intake.attachments.actions.admitting import Sender, SentWithForm, admit_form
from services.intake.attachments.actions.examining import examine, refused, scan
from services.intake.attachments.actions.receiving import LARGEST_FORM, Received, is_form, receive_file
from services.intake.attachments.actions.storage import Storage
from services.intake.attachments.actions.storing import (
    Examined,
    announce_blob,
    new_id,
    put_blob,
    store_attachment,
)
from services.intake.attachments.schemas import AttachmentView
from services.intake.resources import IntakeResources

router = Router(prefix="/api/v1/attachments", tags=["attachments"])
MAY_SEND: Final = Allow("portal", "agency")
CALLER: Final = "x-otklik-caller"  # whose address a request counts for, as the gateway says
_FORM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "JPEG, PNG, WebP, HEIC, GIF, PDF, DOCX, XLSX, ODT or ODS of at most 10 MiB",
            "examples": ["(the file itself)"],
        },
        "region": {
            "type": "string",
            "description": "Two digits; needed where the token has more than one region",
            "examples": ["46"],
        },
        "form_token": {
            "type": "string",
            "description": "Of a widget's form, in place of a bearer token; stands before the file",
            "examples": ["eyJmIjoi"],
        },
    },
}


@router.post(
    "",
    status_code=201,
    response_model=AttachmentView,
    max_body_size=LARGEST_FORM * 2,  # the form is counted as it is read, and answered with a problem document
    openapi_extra={
        "x-roles": list(MAY_SEND.roles),
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}},
    },
)
async def upload_attachment(
    request: Request, transactions: Transactions, idempotency: Idempotent
) -> Response:
    """Take a file for an appeal or an answer: it is looked into, written anew where it is an image, and kept sealed."""
    upload = _Upload(request, transactions)
    await upload.admit_bearer()
    storage = upload.storage
    storage.place  # noqa: B018 - 503 before anything is sent
    storage.line.require_room()
    storage.incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    attachment_id = new_id()
    path = storage.incoming / str(attachment_id)
    clean = path.with_suffix(".clean")
    try:
        received = await receive_file(request, path, upload.admit)
        region = upload.sender.region_of(received.fields)
        examined = await _examine(storage, received, clean)
        async with transactions.begin() as session:
            await announce_blob(session, region, attachment_id, utc_now())
        stored = await put_blob(storage, region, attachment_id, upload.sender, examined)
    finally:
        path.unlink(missing_ok=True)
        clean.unlink(missing_ok=True)
    async with transactions.begin() as session:
        if upload.principal is None:
            return json_response(await store_attachment(session, storage, stored), 201)
        return await idempotency.run(
            session,
            upload.principal,
            {"sha256": received.sha256.hex(), "region": region, "name": received.name},
            lambda: store_attachment(session, storage, stored),
            status=201,
        )


async def _examine(storage: Storage, received: Received, clean: Any) -> Examined:
    if not received.size:
        raise refused("empty: the file has no content")
    is_scanned = await scan(storage, received)
    verdict = await examine(storage, received, clean)
    return Examined(clean if clean.exists() else received.path, verdict, is_scanned)


class _Upload:
    """A request that brings a file, and who sends it, once that is known."""

    def __init__(self, request: Request, transactions: Transactions) -> None:
        self.request = request
        self.transactions = transactions
        self.storage = resources_in(request.app, IntakeResources).attachments
        self.principal: Principal | None = None
        self._sender: Sender | None = None

    @property
    def sender(self) -> Sender:
        """Who was admitted."""
        assert self._sender is not None
        return self._sender

    async def admit_bearer(self) -> None:
        """Who has a token, or sends no form that could hold one: 401 and 403 come before what is wrong with the request."""
        if "authorization" in self.request.headers or not is_form(self.request):
            self.principal = await MAY_SEND(self.request)
            self._sender = Sender.of(self.principal)

    async def admit(self, fields: Mapping[str, str]) -> None:
        """Whoever has no token of its own, by the form's."""
        if self._sender is not None:
            return
        if "form_token" not in fields:
            raise Unauthorised("Send a bearer token, or the form's token before the file.")
        open_rows_to_bearer(self.request)
        senders = resources_in(self.request.app, IntakeResources).form_senders
        async with self.transactions.begin() as session:
            sent = SentWithForm(fields["form_token"], self.request.headers.get(CALLER, "local"))
            self._sender = await admit_form(session, senders, sent, utc_now())
