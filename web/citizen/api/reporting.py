"""The first page: a form, one field first. It works without scripts; these only add to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from contracts.territories import REGIONS
from web.citizen.rules.forms import (
    MOST_PHOTOS,
    Written,
    body_of,
    faults_of,
    forms_of,
    place_in,
    read_written,
)
from web.citizen.rules.pictures import middle_of
from web.citizen.sending import Sendings
from web.citizen.views import ListedForm, ListedForms, OpenedForm, Sent, StoredFile
from web.platform.client import Platform
from web.platform.problems import PlatformProblem, SessionOver
from web.resources import resources_of
from web.visits import Anybody, visit_of

router = APIRouter()
_sendings = Sendings()
# What a form's token does not get over; after everything else it is sent again, so that nothing is registered twice.
_TOKEN_OVER = ("form-token-refused", "proof-wrong")
_NO_FILE = "Выберите файлы ещё раз: они не дошли."
_TOO_MUCH = "Форма слишком большая или повреждена. Приложите меньше файлов."


@router.get("/")
async def open_report(request: Request, platform: Anybody, region: str = "", form: str = "") -> Response:
    """The form of a region; a choice where several regions offer one."""
    visit_of(request)
    listed = (await platform.read(ListedForms, "/widget")).items
    meant = forms_of(listed, region, form)
    if len(meant) != 1:
        return _show_choice(request, meant)
    return await _show(request, platform, meant[0].key, Written("", ""), {}, 200)


@router.post("/")
async def send_report(request: Request, platform: Anybody) -> Response:
    """Register what was written, and go on to its receipt; where something is wrong the form comes back as it was."""
    visit_of(request)
    try:
        sent = await request.form(max_files=2 * MOST_PHOTOS, max_fields=100)
    except MultiPartException:
        return await _show(request, platform, "", Written("", ""), {"": _TOO_MUCH}, 422)
    values = {name: value for name, value in sent.multi_items() if isinstance(value, str)}
    written = read_written(values, [each for each in sent.getlist("files") if isinstance(each, str)])
    photos = [
        each
        for each in sent.getlist("photos")
        if isinstance(each, UploadFile) and each.filename and each.size
    ]
    if not written.key:
        return RedirectResponse("/", 303)
    sending = _Sending(platform, written, photos)
    try:
        receipt = await _sendings.once(written.identity, sending.run)
    except PlatformProblem as problem:
        if problem.status == 404:
            return RedirectResponse("/", 303)
        if problem.slug == "form-token-spent":
            return resources_of(request).pages.page(request, "citizen/spent.html", 409)
        token = "" if problem.slug in _TOKEN_OVER else written.token
        kept = replace(written, token=token, files=tuple(sending.files))
        return await _show(request, platform, written.key, kept, faults_of(problem), problem.status)
    return RedirectResponse(f"/track/{receipt.tracking_code}/receipt", 303)


@dataclass
class _Sending:
    """What is sent: its files first, then itself. `files`: what was taken, to be kept where the rest is refused."""

    platform: Platform
    written: Written
    photos: Sequence[UploadFile]

    def __post_init__(self) -> None:
        self.files: list[UUID] = list(self.written.files)

    async def run(self) -> Sent:
        """Raises PlatformProblem for the first thing that is refused."""
        room = MOST_PHOTOS - len(self.files)
        for photo in self.photos[:room]:
            self.files.append(await upload(self.platform, self.written.token, photo))
        path = f"/widget/{self.written.key}/appeals"
        return await self.platform.send(Sent, path, body_of(self.written, self.files))


async def upload(platform: Platform, token: str, photo: UploadFile) -> UUID:
    """Pass one file on; its id. A form that is good no more is refused as the appeal itself would be: nobody's session is over,
    for citizens have none."""
    content = await photo.read()
    file = (photo.filename or "photo", content, photo.content_type or "application/octet-stream")
    try:
        return (await platform.upload(StoredFile, "/attachments", file, {"form_token": token})).id
    except SessionOver:
        raise PlatformProblem(422, "form-token-refused", "", []) from None


async def _show(
    request: Request,
    platform: Platform,
    key: str,
    written: Written,
    faults: Mapping[str, str],
    status: int,
) -> Response:
    if not key:
        return RedirectResponse("/", 303)
    opened = await platform.read(OpenedForm, f"/widget/{key}")
    resources = resources_of(request)
    return resources.pages.page(
        request,
        "citizen/report.html",
        status,
        form=opened,
        token=written.token or opened.form_token,
        key=key,
        region_name=REGIONS[opened.region].name,
        fields=written.fields,
        place=place_in(written.fields),
        files=written.files,
        faults=faults,
        groups=sorted({topic.group for topic in opened.topics}),
        tile_url=resources.settings.tile_url,
        tile_credit=resources.settings.tile_credit,
        middle=middle_of(opened.region),
        most_photos=MOST_PHOTOS,
    )


def _show_choice(request: Request, forms: Sequence[ListedForm]) -> Response:
    """By region; a page that says so where no form is open yet."""
    choices = [(REGIONS[form.region].name, form) for form in forms if form.region in REGIONS]
    choices.sort(key=lambda each: (each[0], each[1].municipality or "", each[1].title))
    return resources_of(request).pages.page(request, "citizen/choice.html", choices=choices)
