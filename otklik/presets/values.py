"""Values of an export as ours: texts without markup, an address of its parts, the channel of a source, the applicant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from chassis.normal import fold
from contracts.territories import REGIONS
from otklik.files import RowError
from otklik.files.drafts import ReadValues
from otklik.legacy_cases.vocabulary import read_word
from otklik.presets.markup import plain_text

_HOSTS: Final[Mapping[str, str]] = {
    "vk.com": "vk", "vk.ru": "vk", "vkontakte.ru": "vk", "ok.ru": "ok", "odnoklassniki.ru": "ok", "t.me": "telegram",
    "telegram.me": "telegram", "max.ru": "max",
}  # fmt: skip
_OKTMO: Final = re.compile(r"[0-9]{8}(?:[0-9]{3})?")
_POINT: Final = re.compile(r"\(?(-?\d{1,3}[.,]\d+)\s*[,;\s]\s*(-?\d{1,3}[.,]\d+)\)?")
# What a row has only for its address, applicant, channel or point to be made of it.
PARTS: Final = (
    "place", "settlement", "street", "house", "applicant_name", "applicant_phone", "applicant_email", "source", "coordinates",
)  # fmt: skip
_ADDRESS_PARTS: Final = ("place", "settlement", "street", "house")
LONGEST_ADDRESS: Final = 500
LONGEST_CONTACT: Final = 254


def read_values(values: Mapping[str, str], channel: str) -> ReadValues:
    """What an export's row says, in our fields; `channel`: of rows that name none. RowError for a region that there is
    not."""
    texts = {name: text for name, text in values.items() if name not in PARTS}
    for name in ("text", "answer"):
        if name in texts:
            texts[name] = plain_text(texts[name])
    place = values.get("place", "")
    if _OKTMO.fullmatch(place):
        texts.setdefault("municipality", place)
    if address := _address_of(values):
        texts["address"] = address
    if "region" in texts:
        texts["region"] = read_region(texts["region"])
    if "channel" not in texts:
        texts["channel"] = _channel_of(values.get("source", "")) or channel
    if point := _POINT.fullmatch(values.get("coordinates", "")):
        texts |= {"lat": point[1], "lon": point[2]}
    return ReadValues(texts, _applicant_of(values))


def _address_of(values: Mapping[str, str]) -> str:
    """The address, with the place before it where it does not name that; else its parts."""
    parts = [values[name] for name in _ADDRESS_PARTS if name in values and not _OKTMO.fullmatch(values[name])]
    whole = values.get("address", "")
    if whole:
        parts = [each for each in parts[:2] if each.lower() not in whole.lower()] if "place" in values else []
        parts.append(whole)
    return ", ".join(dict.fromkeys(parts))[:LONGEST_ADDRESS]


def _channel_of(source: str) -> str | None:
    """By the address of a page, or by a network's name; nothing for the name of a group."""
    if not source:
        return None
    host = urlsplit(source if "//" in source else f"//{source}").hostname or ""
    if known := _HOSTS.get(host.removeprefix("www.").removeprefix("m.")):
        return known
    try:
        return read_word("channel", source, {})
    except RowError:
        return None


def _applicant_of(values: Mapping[str, str]) -> dict[str, str]:
    """Who wrote, as far as it is no mere address of a page."""
    given = {name: values.get(f"applicant_{name}", "") for name in ("name", "phone", "email")}
    return {name: text[:LONGEST_CONTACT] for name, text in given.items() if text and "://" not in text}


def read_region(text: str) -> str:
    """The code of a region that is named by its code or by its name; RowError for any other word."""
    if text.isdecimal() and len(text) <= 2:
        return text.zfill(2)
    code = _codes().get(_plain(text))
    if code is None:
        raise RowError(
            f"has region «{text[:60]}», which is not known: write its code, 46 for Kursk",
            field="region",
            russian=f"регион «{text[:60]}» не найден; укажите код, например 46",
        )
    return code


@cache
def _codes() -> Mapping[str, str]:
    return {_plain(region.name): region.code for region in REGIONS.values()}


def _plain(name: str) -> str:
    words = re.findall(r"\w+", fold(name))
    return " ".join(word for word in words if word not in ("республика", "г", "город"))
