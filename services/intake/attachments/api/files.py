"""The way to a file: a link of five minutes for whoever may have it, and the file for whoever has the link."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, StreamingResponse

from chassis.blobs import BlobMissing
from chassis.blobs.sealed import open_blob
from chassis.db import Reading, Transaction, open_rows_to_bearer
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import Forbidden, NotFound
from chassis.resources import resources_in
from chassis.security import allowed
from chassis.strict_routes import Router
from services.intake.attachments.queries.access import require_access
from services.intake.attachments.queries.contents import KeptFile, find_file
from services.intake.attachments.rules.links import is_valid, make_link
from services.intake.resources import IntakeResources

router = Router(prefix="/api/v1/attachments", tags=["attachments"])
_ENDINGS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}


def redirect_to_file(request: Request, attachment_id: UUID) -> RedirectResponse:
    """302 to a link of five minutes."""
    hash_key = resources_in(request.app, IntakeResources).hash_key
    return RedirectResponse(
        make_link(hash_key, attachment_id, utc_now()), 302, headers={"Cache-Control": "no-store"}
    )


@router.get("/{attachment_id}", status_code=302, response_class=RedirectResponse)
async def get_attachment(
    principal: Annotated[Principal, allowed("portal", "agency", "coordinator")],
    session: Transaction,
    request: Request,
    attachment_id: UUID,
) -> RedirectResponse:
    """302 to a link of five minutes: for who sent the file, and for who may see the answer or has opened the original it belongs to."""
    await require_access(session, principal, attachment_id)
    return redirect_to_file(request, attachment_id)


def check_link(
    request: Request,
    attachment_id: UUID,
    until: Annotated[int, Query(ge=0, le=2**40)],
    proof: Annotated[str, Query(max_length=64)],
) -> UUID:
    """The file that a link opens; 403 for one that was not made here or is over. Comes before the session."""
    hash_key = resources_in(request.app, IntakeResources).hash_key
    if not is_valid(hash_key, attachment_id, until, proof, utc_now()):
        raise Forbidden("The link is over, or none. Ask for the attachment again.")
    open_rows_to_bearer(request)
    return attachment_id


@router.get("/{attachment_id}/content", response_class=StreamingResponse)
async def download_content(
    linked: Annotated[UUID, Depends(check_link)], session: Reading, request: Request
) -> StreamingResponse:
    """The file itself, to be saved and not to be shown in place."""
    file = await find_file(session, linked)
    pieces = _open(resources_in(request.app, IntakeResources), file)
    first = await anext(pieces)  # what is missing or broken is said before anything is sent
    name = f"otklik-{file.id.hex[-12:]}.{_ENDINGS.get(file.media_type, 'bin')}"
    return StreamingResponse(
        _all(first, pieces),
        media_type=file.media_type,
        headers={
            "Content-Length": str(file.size),
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "private, no-store",
        },
    )


async def _open(resources: IntakeResources, file: KeptFile) -> AsyncIterator[bytes]:
    storage = resources.attachments
    try:
        async for piece in open_blob(storage.keyring, file.id, file.key_id, storage.place.read(file.id)):
            yield piece
    except BlobMissing:
        raise NotFound from None


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
