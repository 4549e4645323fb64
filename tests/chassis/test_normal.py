"""The normal form: what falls together, what the original keeps, and the way back."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.normal import NormalText, fold, normalise

SPACES = " \t\n\r\f\v\u0085\u00a0\u1680\u2000\u2003\u2007\u2009\u2028\u2029\u202f\u205f\u3000\u2800\u3164"
DASHES = "-‐‑‒–—―−﹣－⁻➖"
UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u202e\u034f\ufe0f\u0301\u0007\U000e0041"
ODD = st.text(st.sampled_from(f"{SPACES}{DASHES}{UNSEEN}иИйеёЁaAаKк8８½№…ﬁ.,x\u0306\u0308б-"), max_size=40)
TEXTS = st.one_of(ODD, st.text(max_size=40), st.lists(st.one_of(ODD, st.text(max_size=9))).map(" ".join))


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("times", [1, 3])
def test_every_space_is_one_space(space: str, times: int) -> None:
    assert normalise(f"Беловский{space * times}район").text == "Беловский район"
    assert normalise(f"Беловский {space} \u200b{space}район").text == "Беловский район"


@pytest.mark.parametrize("dash", DASHES)
def test_every_dash_is_a_hyphen_and_keeps_its_spaces(dash: str) -> None:
    assert normalise(f"р{dash}н {dash} да").text == "р-н - да"


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_is_not_seen_is_gone(unseen: str) -> None:
    assert normalise(f"{unseen}мус{unseen}ор{unseen}{unseen}").text == "мусор"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Ёлка, ещё", "Елка, еще"),
        ("и\u0306 й Й И\u0306, Андре\u0301й", "й й Й Й, Андрей"),
        ("８ ９１０ ⑤ 𝟗", "8 910 5 9"),
        ("Kурск, Зoлотухинский, ΜУСОР, п-т, p-н, OOO-ну", "Курск, Золотухинский, МУСОР, п-т, р-н, ООО-ну"),
        ("Wi-Fi, OOO, petr@mail.ru", "Wi-Fi, OOO, petr@mail.ru"),
        ("№ 5… 45 м², 20 °C", "№ 5… 45 м2, 20 °C"),
        ("", ""),
    ],
)
def test_what_looks_the_same_reads_the_same(written: str, normal: str) -> None:
    assert normalise(written).text == normal


@given(TEXTS)
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    once = normalise(text)
    assert normalise(once.text).text == once.text
    assert fold(once.folded) == once.folded
    assert len(once.folded) == len(once.text)


@given(TEXTS)
def test_equivalent_texts_have_one_normal_form(text: str) -> None:
    for form in ("NFC", "NFD"):
        assert normalise(unicodedata.normalize(form, text)).text == normalise(text).text


@given(TEXTS)
@example("\u200b \u200bа\u0301б\u200b  в½")
def test_the_original_stays_and_every_place_leads_back_to_it(text: str) -> None:
    normal = normalise(text)
    assert normal.original == text
    ends = [normal.span(place, place + 1) for place in range(len(normal.text))]
    assert all(0 <= start < stop <= len(text) for start, stop in ends)
    assert ends == sorted(ends)


@given(TEXTS, st.data())
def test_a_span_leads_to_what_reads_like_it(text: str, data: st.DataObject) -> None:
    """Of whole words, which alone say how their letters read, and of whole characters («½» reads as three)."""
    normal = normalise(text)
    borders = st.sampled_from([place for place in range(len(normal.text) + 1) if _is_border(normal, place)])
    start, stop = sorted((data.draw(borders), data.draw(borders)))
    if start < stop:
        first, last = normal.span(start, stop)
        assert normalise(text[first:last]).text == normal.text[start:stop]


def _is_border(normal: NormalText, place: int) -> bool:
    if place in (0, len(normal.text)):
        return True
    in_a_word = all(sign.isalnum() or sign == "-" for sign in normal.text[place - 1 : place + 1])
    return not in_a_word and normal.span(place - 1, place) != normal.span(place, place + 1)


@pytest.mark.parametrize(
    ("text", "altered"),
    [
        ("Ёлка — у дома,\nво дворе  темно", False),
        ("Во\xa0дворе", True),
        ("юго–запад", True),
        ("р‑н", True),
        ("Kурск", True),
        ("Wi-Fi в доме", False),
    ],
)
def test_it_is_known_whether_words_read_otherwise(text: str, altered: bool) -> None:
    assert normalise(text).altered is altered


@pytest.mark.parametrize(
    "piece",
    [
        " ",
        "\u200b",
        " \u200b",
        "а\u0301",
        "и\u0306",
        "-а",
        "Kя",
        "a-я",
        " а",
        "  а",
        "\u2011 ",
        "½",
        "\xa0",
        "ё",
    ],
)
def test_time_is_in_proportion_to_the_text(piece: str) -> None:
    assert _seconds(piece * 40_000) < 40 * max(_seconds(piece * 4_000), 0.0005)


def _seconds(text: str) -> float:
    return min(_once(text) for _ in range(3))


def _once(text: str) -> float:
    started = time.process_time()
    normalise(text)
    return time.process_time() - started
