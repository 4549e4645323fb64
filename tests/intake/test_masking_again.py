"""Personal data of both generators, put back into real appeals: what is hidden, and what is hidden by mistake."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from services.intake.masking import mask_text
from tests.conftest import size
from tests.intake.spelled import Inserted, Item, false_masks, hidden, inserted, items, sample_texts, words
from tests.intake.spelled_b import IDENTIFIERS, items_b

# The first reading of the second set, before the rules had seen one of its items: phones 0.938, mails and documents 1.000,
# initials 0.982, capitals 1.000, small letters 0.991, plates 0.000, links 0.225, flats 0.784.
CAPITALISED = ("name_initials", "name_capitals")
LEAST = {"identifiers": 0.995, "capitalised": 0.97, "small letters": 0.85}
MOST_FALSE = 0.01


def test_identifiers_and_names_of_both_sets_are_hidden(samples: Path) -> None:
    """Reduced: a part of both sets; in full 2,000 items, half by each."""
    texts = sample_texts(samples)
    both = [items()[:: size(4, 1)], items_b(size(270, 1000), seed=5)]
    seen, hits, missing, total = Counter[str](), Counter[str](), 0, 0
    for number, chosen in enumerate(both):
        for original in inserted(texts, 7 + number, chosen):
            masked = mask_text(original.text)
            group = _group(original.item)
            seen[group] += 1
            hits[group] += _is_hidden(original, masked)
            found = false_masks(original, masked)
            missing, total = missing + found.missing, total + found.words
    shares = {group: hits[group] / count for group, count in seen.items()}
    assert {group: share for group, share in shares.items() if share < LEAST[group]} == {}
    assert missing / total <= MOST_FALSE


def _group(item: Item) -> str:
    if item.kind in IDENTIFIERS:
        return "identifiers"
    return "capitalised" if item.kind in CAPITALISED else "small letters"


def _is_hidden(original: Inserted, masked: str) -> bool:
    """Of plates and pages the whole must not be readable, of flats the number."""
    kind: str = original.item.kind
    if kind not in ("plate", "link", "flat"):
        return hidden(original, masked)
    number = re.search(r"\d+", original.item.secret)
    assert number is not None
    if kind == "flat":
        return Counter(words(masked))[number[0]] <= Counter(words(original.rest))[number[0]]
    whole = "".join(words(original.item.secret))
    return "".join(words(masked)).count(whole) <= "".join(words(original.rest)).count(whole)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("машина А123ВС46 во дворе", "машина [документ] во дворе"),
        ("гос. № О 186 МР 46.", "гос. № [документ]."),
        ("стоит a123bc777", "стоит [документ]"),
        ("https://vk.com/id123, пишите", "[ссылка], пишите"),
        ("телеграм @ivan_petrov", "телеграм [ссылка]"),
        ("45-я квартира шумит", "[квартира] шумит"),
        ("счётчик из 45 квартиры", "счётчик из [квартира]"),
        ("8-910-б71-З7-З8", "[телефон]"),
    ],
)
def test_plates_pages_and_flats_are_hidden(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "в доме 24 квартиры",
        "приказ 123 от 5 мая",
        "маршрут 46 и 123 у парка",
        "сайт kursk.ru/news и gosuslugi.ru/600",
        "ГОСТ Р 50597-2017",
        "участок 123 об аренде",
        "дом 8 о 9 этажах 10 12 14 16",
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert mask_text(text) == text
