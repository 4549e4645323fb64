"""Whether a text speaks of what a planned work is about: its words beside the classifier's guesses.

Guesses alone are not enough: the fifth alternative of a complaint about rubbish may be water. Words alone are not, either:
a bill for water names water. So a guess has to be borne out by words or be the best one, is outweighed by words for
something else, and what asks about a shut-off says that something is not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from chassis.normal import fold
from services.routing.answers.rules.spheres import spheres_of

Ranked = Sequence[tuple[str, float]]  # (topic, probability), the best one first
# A guess beside a better one: at least so much of its probability, where the better one is no mere chance itself.
LEAST_SHARE: Final = 0.2
CHANCE: Final = 0.25
SURE: Final = 0.5
# Spheres in which something is shut off, dug up or closed. Others stand in texts about anything: a child, a doctor.
_WORKED_ON: Final = frozenset(
    [
        *("heating", "water", "sewer", "waste", "power", "gas", "roads", "snow", "transport", "traffic"),
        *("communication", "trees", "playground", "animals", "noise"),
    ]
)
_ONE_MATTER: Final = {"light": "power"}  # «нет света» means the mains
# What people without water, light, heat or gas write of instead of it.
_BESIDE: Final[Mapping[str, re.Pattern[str]]] = {
    "water": re.compile(
        r"(?<![а-я])(?:кран(?:а|у|ы|ом|ов)?\b|смесител|ни капли|умы[тв]|помы[тц]|мыться|попить|водич|баклаж|тазик|ведр[аоы]"
        r"|унитаз|душ[аем]?\b|бойлер|тепленьк)"
    ),
    "power": re.compile(
        r"(?<![а-я])(?:розетк|лампоч|свеч[аи]|обесточ|без тока|в темноте|щитк|пауэрбанк|керосин)"
    ),
    "heating": re.compile(r"(?<![а-я])(?:мерзн|замерза|ледян[а-я]+ батаре|обогревател|не топ[яи]т|теплонос)"),
    "gas": re.compile(r"(?<![а-я])(?:конфорк|газов[а-я]+ плит|голуб[а-я]+ топлив)"),
}
_ABSENT: Final = re.compile(
    r"(?<![а-я])(?:нет(?:у)?\b|без |ни капли|не (?:было|будет|идет|ид[уе]т|теч[её]т|раб|гре|гор|да[юл]|пода|включ|подключ|топ|восстан|вскип)"
    r"|отключ|отруб|выруб|выключ|пропа|исчез|прекра|перекры|отсутств|обесточ|погас|потух|остан|остав|суш?х|пуст|верните"
    r"|когда (?:же )?(?:дад|включ|подключ|пуст|будет|появ|верн|возобнов)|возобнов|восстанов|подвоз|перебо|авари|мерз|замерз"
    r"|не стал|ни [а-я]+,? ни |обещал[аи]? (?:дать|вернуть|включить|подключить|пустить)|в темноте|при свечах|носим|таска|греем|холодн|ледян|сидим|слаб|упал)"
)
_BILLS: Final = re.compile(
    r"(?<![а-я])(?:квитанц|платежк|начисл|насчита|тариф|поверк|договор|техуслов|задолженн|стоит дороже|сколько стоит)"
)
_OVER: Final = re.compile(
    r"(?<![а-я])(?:отзываю|снимаю с рассмотрения|претензий нет|вода есть|(?:уже|наконец) (?:дали|включили|подключили|пустили))"
)
_HOT_OR_COLD: Final = re.compile(
    r"(?P<hot>горяч|(?<![а-я])гвс)|(?P<cold>холодн[а-я]{1,3} вод|(?<![а-я])хвс|холодное водо)"
)


@lru_cache(maxsize=1024)
def _matters_of(folded: str) -> frozenset[str]:
    spheres = {_ONE_MATTER.get(each, each) for each in spheres_of(folded)}
    return frozenset(spheres & _WORKED_ON) | {name for name, words in _BESIDE.items() if words.search(folded)}


@lru_cache(maxsize=1024)
def _heat_of(folded: str) -> str | None:
    """Whether it is hot or cold water that a text names first."""
    match = _HOT_OR_COLD.search(folded)
    return match.lastgroup if match else None


def asks_about_outage(folded: str) -> bool:
    """Whether a text says that something is not there, or asks when it will be; not what it costs or that it is back."""
    if _OVER.search(folded):
        return False
    return _ABSENT.search(folded) is not None and not (_BILLS.search(folded) and "нет " not in folded)


def fitting_topic(
    ranked: Ranked, topics: frozenset[str], best_name: str, folded: str, subject: str
) -> tuple[str, float] | None:
    """The guess by which a text (normal form, small letters) is about a work, None where it is not.

    `topics`: the work's codes; `best_name`: of the best guess; `subject`: the work's title and topics, in their normal form.
    """
    guess = next((each for each in ranked if each[0] in topics), None)
    work, text = _matters_of(subject), _matters_of(folded)
    # Without words for something on either side nothing is borne out, and nothing spoken against.
    shared = bool(work & text) or not work
    one_heat = len({_heat_of(folded), _heat_of(subject)} - {None}) < 2
    if guess is None or not one_heat or (text and not shared):
        return None
    if guess == ranked[0]:
        return guess if shared or guess[1] >= CHANCE else None
    return (
        guess
        if shared and _is_second(ranked[0], guess) and not _is_borne_out(best_name, text, work)
        else None
    )


def _is_second(best: tuple[str, float], guess: tuple[str, float]) -> bool:
    """Whether a guess stands beside the best one, or that is chance itself."""
    return best[1] < CHANCE or guess[1] >= LEAST_SHARE * best[1]


def _is_borne_out(best_name: str, text: frozenset[str], work: frozenset[str]) -> bool:
    """Whether it is the better guess that the text has words for."""
    matters = _matters_of(fold(best_name))
    return bool(matters & text) and not matters & work
