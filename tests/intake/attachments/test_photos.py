"""A photo is known again, however it was saved, scaled and cut a little; others are not taken for it."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable

import numpy as np
from PIL import Image

from services.intake.attachments.rules.inspection.signs import signs_of
from services.routing.attachments.rules import MOST_DIFFERENT, are_same, bands_of
from tests.conftest import size
from tests.intake.attachments.photos import photo, sent_again

PHOTOS = size(24, 1000)


def _signs(picture: Image.Image) -> list[str]:
    return [f"{sign:016x}" for sign in signs_of(picture)]


def test_photos_are_known_again_and_apart(proof: Callable[..., None]) -> None:
    """Of each way of sending it again 95 of 100 are found by a part of a sign that is equal; of 1,000 others none, as good as."""
    signs, found, tried = [], Counter[str](), Counter[str]()
    for number in range(PHOTOS):
        original = photo(number)
        mine = _signs(original)
        signs.append(mine)
        for way, content in sent_again(original, number):
            with Image.open(io.BytesIO(content)) as again:
                theirs = _signs(again)
            tried[way] += 1
            found[way] += bool(set(bands_of(mine)) & set(bands_of(theirs))) and are_same(mine, theirs)
    shares = {way: found[way] / tried[way] for way in tried}
    wrong = _taken_for_others(signs)
    proof(photos=PHOTOS, known_again=shares, taken_for_others=wrong)
    assert min(shares.values()) >= 0.95, shares
    assert wrong <= PHOTOS * 0.001


def _taken_for_others(signs: list[list[str]]) -> int:
    """How many photos are like any other one."""
    numbers = np.array([[int(sign, 16) for sign in each] for each in signs], np.uint64)
    wrong = 0
    for place in range(len(numbers)):
        near = np.bitwise_count(numbers[place][:, None, None] ^ numbers[None]).min(axis=(0, 2))
        near[place] = 64
        wrong += bool((near <= MOST_DIFFERENT).any())
    return wrong


def test_what_shows_nothing_is_like_nothing() -> None:
    assert _signs(Image.new("RGB", (400, 300), "white")) == []
    assert not are_same([], [])
    assert _signs(Image.new("RGB", (4, 4))) == []
