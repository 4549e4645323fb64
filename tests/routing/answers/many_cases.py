"""Thousands of answered questions, and for some of them another citizen's words for the same matter."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from services.routing.answers.rules.words import pack_text
from services.routing.assignments.rules.words import AssignmentWords, pack_words
from tests.routing.conftest import ROADS

NOW: Final = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
# Of each matter several ways to put it.
MATTERS: Final = (
    ("огромная яма на дороге", "дорога вся в ямах, машины бьют колёса", "выбоина посреди дороги"),
    ("не горят фонари", "вечером темно, фонарь не горит уже неделю", "нет освещения, фонари погасли"),
    ("не вывозят мусор", "контейнеры переполнены, мусор лежит горой", "баки не опорожняют, кругом мусор"),
    ("холодные батареи", "отопления нет, батареи ледяные", "в квартирах холодно, батарея чуть тёплая"),
    ("течёт крыша", "крыша протекает после каждого дождя", "с потолка льёт, крыша худая"),
    ("бегают бродячие собаки", "стая собак бросается на прохожих", "бездомные собаки пугают детей"),
    ("нет холодной воды", "вода не идёт с утра", "отключили воду без предупреждения"),
    ("сломаны качели на площадке", "на детской площадке опасные качели", "качели оторвались от опоры"),
    ("не чистят снег", "тротуар завален снегом", "снег не убирали с прошлой недели"),
    ("автобус не приходит по расписанию", "ждём автобус по часу", "автобусы пропускают рейсы"),
    ("открыт люк", "люк без крышки, можно провалиться", "крышка люка разбита"),
    ("засорилась канализация", "канализация вытекает наружу", "запах и стоки из канализации"),
    ("сухое дерево наклонилось", "дерево вот-вот упадёт", "аварийное дерево над проводами"),
    ("не работает лифт", "лифт стоит третий день", "лифт застревает между этажами"),
    ("нет врача в поликлинике", "к врачу не попасть, талонов нет", "приём врача отменили"),
    ("шумят соседи ночью", "ночью громкая музыка, шум", "шум после двадцати трёх часов"),
    ("нет пешеходного перехода", "переход не размечен, дети бегут", "нужен переход с зеброй"),
    ("разбита остановка", "павильон остановки без стёкол", "на остановке негде укрыться"),
    ("свалка мусора в овраге", "овраг завалили строительным мусором", "стихийная свалка у оврага"),
    ("гололёд на ступенях", "лестница обледенела", "лёд на лестнице, люди падают"),
)
_FIRST: Final = [
    "Вор",
    "Сид",
    "Лат",
    "Мир",
    "Кор",
    "Бел",
    "Тур",
    "Зав",
    "Гор",
    "Лом",
    "Пан",
    "Рад",
    "Сав",
    "Тих",
    "Уд",
    "Фад",
    "Хар",
    "Цвет",
    "Чер",
    "Шум",
    "Эн",
    "Яр",
    "Буд",
    "Дол",
    "Жит",
]
_SECOND: Final = [
    "ан",
    "ев",
    "ин",
    "ов",
    "ун",
    "ыш",
    "ар",
    "ел",
    "ок",
    "ат",
    "им",
    "од",
    "ур",
    "аш",
    "ен",
    "ил",
    "ом",
    "уд",
]
_ENDS: Final = ("ская", "цева", "кина")
STREETS: Final = [f"{one}{two}{end}" for one in _FIRST for two in _SECOND for end in _ENDS]
LANDMARKS: Final = [
    "аптека",
    "школа",
    "рынок",
    "библиотека",
    "пекарня",
    "гимназия",
    "почта",
    "больница",
    "стадион",
    "фонтан",
    "кинотеатр",
    "банк",
    "столовая",
    "мастерская",
    "ателье",
    "прачечная",
    "баня",
    "вокзал",
    "музей",
    "театр",
    "техникум",
    "детсад",
    "общежитие",
    "котельня",
    "склад",
    "гараж",
    "автомойка",
    "заправка",
    "шиномонтаж",
    "парикмахерская",
    "кафе",
    "пиццерия",
    "зоомагазин",
    "храм",
    "часовня",
    "сквер",
    "пруд",
    "мост",
    "стройка",
    "элеватор",
    "ферма",
    "клуб",
]
OPENINGS: Final = ("Здравствуйте!", "Добрый день.", "Прошу помочь.", "Сколько можно терпеть!", "")
CLOSINGS: Final = ("Примите меры.", "Ждём ответа.", "Прошу разобраться.", "Спасибо.", "Надеемся на помощь.")
ANSWERS: Final = (
    "Обращение проверено, работы выполнены бригадой подрядчика 14 октября, акт № {0}.",
    "По вашему обращению выехал мастер участка, неисправность устранена в тот же день, наряд № {0}.",
)


@dataclass(frozen=True)
class Twins:
    """A question that waits, and the case of the same matter that was answered."""

    question: UUID
    answered: UUID


def put(matter: int, street: str, landmark: str, way: int, chance: random.Random) -> str:
    """One citizen's words."""
    said = MATTERS[matter][way]
    place = (
        f"на улице {street}, рядом {landmark}",
        f"улица {street}, напротив {landmark}",
        f"{street} улица, где {landmark}",
    )[way]
    parts = (f"{place}: {said}." if chance.random() < 0.5 else f"{said.capitalize()} {place}.",)
    return " ".join([chance.choice(OPENINGS), *parts, chance.choice(CLOSINGS)]).strip()


async def fill(look: asyncpg.Connection, count: int, asked: int) -> list[Twins]:
    """`count` answered cases and `asked` open questions with a twin among them; past row security, as copied rows."""
    chance = random.Random(46)
    assignments, answers, cases = [], [], []
    twins: list[Twins] = []
    for number in range(count):
        matter, street, landmark = (
            chance.randrange(len(MATTERS)),
            chance.choice(STREETS),
            chance.choice(LANDMARKS),
        )
        text = put(matter, street, landmark, chance.randrange(2), chance)
        id = uuid7()
        answer = uuid7()
        assignments.append(_assignment(id, number, text, "answered"))
        answers.append(_answer(answer, id))
        cases.append(("46", id, answer, pack_text(chance.choice(ANSWERS).format(number)), False))
        if number % (count // asked) == 0 and len(twins) < asked:
            question = uuid7()
            assignments.append(
                _assignment(question, count + number, put(matter, street, landmark, 2, chance), "accepted")
            )
            twins.append(Twins(question, id))
    await _copy(look, "assignment", _ASSIGNMENT, iter(assignments))
    await _copy(look, "answer", _ANSWER, iter(answers))
    await _copy(
        look, "answered_case", ("region", "assignment_id", "answer_id", "packed", "indexed"), iter(cases)
    )
    return twins


_ASSIGNMENT: Final = (
    "region", "id", "appeal_id", "number", "role", "status", "organisation_id", "topic", "regime", "channel",
    "packed", "hops", "version", "received_at", "created_at", "cycle",
)  # fmt: skip
_ANSWER: Final = (
    "region", "id", "assignment_id", "appeal_id", "organisation_id", "text", "outcome", "interim", "cycle",
    "client_id", "answered_at",
)  # fmt: skip


def _assignment(id: UUID, number: int, text: str, status: str) -> tuple[Any, ...]:
    words = pack_words(AssignmentWords(text, None, {}, None))
    return (
        "46", id, uuid7(), f"46-2026-{number:07d}", "lead", status, ROADS, "holes", "message", "portal", words, 0, 2,
        NOW, NOW, 1,
    )  # fmt: skip


def _answer(id: UUID, assignment: UUID) -> tuple[Any, ...]:
    return "46", id, assignment, uuid7(), ROADS, "", "solved", False, 1, "client", NOW


async def _copy(
    look: asyncpg.Connection, table: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]
) -> None:
    await look.copy_records_to_table(table, schema_name="routing", columns=columns, records=rows)
