"""What spares a search never changes what is hidden: no rule has words of its own that its quick look does not know."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.masking import contacts, introductions, mask_text, numbers
from services.intake.masking.draft import Draft
from services.intake.masking.words import Words

LETTERS = st.characters(codec="utf-8", categories=("Ll", "Nd", "Po", "Zs"), max_codepoint=0x44F)
# Each with what makes a whole finding of what the rule's words are.
RULES = {
    "papers": (numbers._PAPER, "{} 82 7654321"),
    "introductions": (introductions._INTRODUCTION, "{}, Иванова Мария Петровна"),
    "named mail": (contacts._NAMED, "{}"),
    "mail": (contacts._MAIL, "{}"),
    "phones": (numbers._PHONE_BEFORE, "{}531234"),
}
TEXTS = st.one_of(
    [st.from_regex(pattern.pattern, alphabet=LETTERS).map(form.format) for pattern, form in RULES.values()]
)


def masked_without_quick_looks(text: str) -> str:
    """Every rule searches, whatever stands in the text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Draft, "mentions", lambda draft, signs: True)
        patch.setattr(Words, "that_begin", lambda words, beginnings: list(range(len(words.all))))
        patch.setattr(numbers, "_PHONE_WORD", re.compile(""))
        return mask_text(text)


@settings(max_examples=1500)
@given(TEXTS)
def test_a_quick_look_misses_nothing_that_a_search_finds(text: str) -> None:
    assert mask_text(text) == masked_without_quick_looks(text)


@pytest.mark.parametrize("form", ["вид", "вида", "виду", "виде", "видом", "ВИДЕ"])
def test_the_number_of_a_residence_permit_is_hidden_in_every_case(form: str) -> None:
    assert mask_text(f"сведения о {form} на жительство 82 1234567") == (
        f"сведения о {form} на жительство [документ]"
    )


@pytest.mark.parametrize(
    "text",
    [
        "мой ящик: ivan_petrov yandex.ru",
        "пишите ivan{эт}yandex.ru",
        "пишите ivan [ ат ] yandex.ru",
        "пишите ivan <эт > yandex.ru",
        "т 531234",
        "мой номер восемь девять один три два семь восемь пять шесть один два",
    ],
)
def test_what_a_quick_look_missed_is_hidden(text: str) -> None:
    assert "[" in mask_text(text).replace("[ ат ]", "")
    assert not {"ivan", "531234", "восемь"} & set(re.findall(r"\w+", mask_text(text)))
