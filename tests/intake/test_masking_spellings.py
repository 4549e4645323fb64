"""Personal data however it is spelled, in citizens' texts and in officials' words; and what only looks like it."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.masking import mask_address, mask_text
from services.intake.masking.persons import Applicant, mask_appeal, mask_words
from tests.intake.spelled import false_masks, hidden, inserted, sample_texts
from tests.intake.test_masking_officials import SHARES, read_judged

# The first reading, before the rules had seen one of these items: 0.973, 1.000, 0.833, 0.933, 0.747, 0.807, and 0.25 % of
# the words around them masked as well. The rules before these: 0.747, 0.560, 0.520, 0.313, 0.000, 0.000.
GOALS = {
    "phone": 0.97, "mail": 0.97, "document": 0.97, "name_initials": 0.9, "name_capitals": 0.9, "name_lower": 0.7,
}  # fmt: skip
MOST_FALSE = 0.01
# Times what it costs to find the words of a text and fold them, in the same run.
MOST_TIMES_THE_WORDS = 9
MASKS = re.compile(r"\[(?:имя|телефон|почта|документ|квартира|дата)\]")


def test_what_citizens_type_is_hidden_and_the_rest_stays(samples: Path) -> None:
    hits, all_of_kind, missing, words = Counter[str](), Counter[str](), 0, 0
    for original in inserted(sample_texts(samples), seed=7):
        masked = mask_text(original.text)
        all_of_kind[original.item.kind] += 1
        hits[original.item.kind] += hidden(original, masked)
        found = false_masks(original, masked)
        missing, words = missing + found.missing, words + found.words
    shares = {kind: hits[kind] / count for kind, count in all_of_kind.items()}
    assert {kind: share for kind, share in shares.items() if share < GOALS[kind]} == {}
    assert missing / words <= MOST_FALSE


def test_a_text_is_masked_at_a_few_times_the_cost_of_its_words(samples: Path) -> None:
    texts = sample_texts(samples)[:600]
    mask_text(texts[0])
    ratios = [_seconds(mask_text, texts) / _seconds(_folded_words, texts) for _ in range(3)]
    assert min(ratios) <= MOST_TIMES_THE_WORDS


def _folded_words(text: str) -> list[str]:
    return [word.casefold() for word in re.findall(r"\w+", unicodedata.normalize("NFKC", text))]


def _seconds(work: Callable[[str], object], texts: list[str]) -> float:
    started = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - started


PHONES = """
8‑910‑123‑45‑67
8—910—123—45—67
8 – 910 – 123 – 45 – 67
8−910−123−45−67
+7.910.123.45.67
8/910/123/45/67
8_910_123_45_67
8\\910\\123\\45\\67
8·910·123·45·67
8…910…123…45…67
8 (910) 123 45 67
+7(910)1234567
7 910 123 45 67
9101234567
910 12 34 567
8 9 1 0 1 2 3 4 5 6 7
８９１０１２３４５６７
8-91О-123-45-67
8(4712)53-12-34
(47142) 2-12-34
53‑12‑34
тел. 531234
тел: 2-12-34
мой номер 531 234
+375 29 123-45-67
8 девятьсот десять 123 45 67
восемь девятьсот десять сто двадцать три сорок пять шестьдесят семь
""".strip().splitlines()
MAILS = """
ivan.petrov@mail.ru
ivan . petrov @ mail . ru
ivan.petrov(at)mail.ru
ivan.petrov [собака] mail [точка] ru
ivan.petrov собака mail точка ru
IVAN.PETROV＠MAIL.RU
ivan.petrov@mail,ru
ivan.petrov@ mail.ru
иван.петров@почта.рф
""".strip().splitlines()
DOCUMENTS = """
паспорт: серия 38 04 номер 123456
паспорт серии 3804 № 123456
паспорт № 123456 серия 38 04
паспортные данные 38-04-123456
38 04 123456
3804 № 123456
СНИЛС 123‑456‑789 01
123 456 789 01
ИНН: 4632 0001 2345
полис ОМС № 4650 1234 5678 9012
карта 4276‑1234‑5678‑9012
св-во о рождении II‑ЖТ № 123456
счёт 40817 810 5 3300 1234567
""".strip().splitlines()
NAMES = """
Иванов Иван Иванович
ИВАНОВ ИВАН ИВАНОВИЧ
иванов иван иванович
Ивановой Марии
ИВАНОВОЙ МАРИИ
ивановой марии петровне
Петрову А.И.
Петрову А. И.
ПЕТРОВУ А.И.
петрову а.и.
А.И. Петров
А. И. ПЕТРОВУ
И́ванов И.И.
Kузнецов Пётр
Оганесян А. Г.
шевченко оксана
Алиев Тофик Гусейн оглы
""".strip().splitlines()
ODD: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "no-break spaces": lambda text: text.replace(" ", "\xa0"),
    "two spaces": lambda text: text.replace(" ", "  "),
    "line breaks": lambda text: text.replace(" ", "\r\n"),
    "zero-width spaces": lambda text: re.sub(r"(?<=\w)(?=\w)", "\u200b", text),
    "hyphens": lambda text: text.replace("-", "‑"),
    "dashes": lambda text: text.replace("-", "—"),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    ("mask", "kinds"),
    [("[телефон]", PHONES), ("[почта]", MAILS), ("[документ]", DOCUMENTS), ("[имя]", NAMES)],
)
def test_an_odd_spelling_is_hidden_where_it_stands(mask: str, kinds: list[str], odd: str) -> None:
    for spelled in map(ODD[odd], kinds):
        before, after = "Ёлки\xa0— у\u200b дома,\nсвяжитесь: ", ", жду\xa0—  ответа"
        masked = mask_text(f"{before}{spelled}{after}")
        assert masked.startswith(before), spelled
        assert masked.endswith(after), spelled
        inside = masked.removeprefix(before).removesuffix(after)
        assert MASKS.findall(inside) == [mask], (spelled, inside)
        assert not re.search(r"\d\D{0,3}\d\D{0,3}\d\D{0,3}\d", inside), (spelled, inside)


NOT_PERSONAL = """
пл. Дзержинского
площадь Дзержинского
ул. Ленина, д. 5
улица Льва Толстого, 12
на улице Карла Маркса
имени Гагарина
школа имени Ю.А. Гагарина
проспект Анатолия Дериглазова
пр-т Н. Плевицкой
пер.Ивана Франко
памятник Александру Невскому
дом 12, корпус 3, подъезд 4
с 10:30 до 18:00, 12.05.2024 в 15:30
маршруты 87, 46, 12, 8
дома 7 12 14 16 18 20
дома 8, 10, 12, 14, 16, 18
расписание 7.30, 8.15, 9.45, 10.30
8-00, 9-30, 10-45, 12-15, 13-20
кадастровый номер 46:29:102301:123
1 250 000 рублей за двадцать пять домов
№ 210-ФЗ от 27.07.2010, приказ № 1234 от 12.05.2021
305000, г. Курск, 51.7300, 36.1900
обращение 46-2026-0000042
и т.д. и т.п., в т.ч. по ул. Союзной
на 5 этаже 9-этажного дома, 30 км/ч
вера в людей, любовь к городу, надежда на помощь
врач не принял, сосед сверху шумит, ветеран войны
жители новых домов, семья многодетных родителей
председатель Зуевского сельского совета, житель Золотухинского р-на
Золотухинский р н, Хомутовский р.н., в Золотухинском районе
яма на Сергея Есенина 12, возле дома Зои Космодемьянской, 5
магазин «Пятёрочка», АО «Курские электрические сети»
август, март и май, роза во дворе
пересечение Ленина и Дзержинского
""".strip().splitlines()


@pytest.mark.parametrize("case", [str, str.upper, str.lower])
def test_what_only_looks_personal_stays(case: Callable[[str], str]) -> None:
    for words in NOT_PERSONAL:
        text = case(f"Прошу принять меры: {words}, спасибо")
        assert mask_text(text) == text


def test_streets_without_their_word_stay_in_addresses() -> None:
    for address in (
        "Ивана Франко 5",
        "г. Курск, Карла Маркса, 12",
        "Сергея Есенина д. 7",
        "СЕРГЕЯ ЕСЕНИНА 7",
    ):
        assert mask_address(address) == address
    assert mask_address("Ленина 5, Сидорову Петру Ильичу, 8‑910‑123‑45‑67") == "Ленина 5, [имя], [телефон]"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Петрова Мария Ивановна", "На улице Карла Маркса в марте остановили маршрут, маркировка стёрта."),
        ("Зоя Котова", "Зона отдыха завалена, зонт сломан, котлован не огорожен."),
        ("Рая Белова", "Раз в год, рано утром, работы ради отчёта."),
        ("Вера Лебедева", "Верно ли, что вернут лебёдку на место?"),
        ("Иван Морозов", "Морозит с ноября, морозостойкий бетон не держится."),
    ],
)
def test_words_that_only_begin_as_the_own_name_does_stay(name: str, text: str) -> None:
    """What a word may end with beside the name's stem are the endings of its cases."""
    assert mask_text(text, name) == text
    assert mask_address("г. Курск, ул. Карла Маркса, 12", name) == "г. Курск, ул. Карла Маркса, 12"


@pytest.mark.parametrize(
    "street", ["Юрия Гагарина", "Александра Невского", "Максима Горького", "Розы Люксембург"]
)
def test_a_street_at_the_beginning_of_a_sentence_is_one(street: str) -> None:
    text = f"Ул. {street} не освещена. Ул {street}, д. 5. Пл. {street} тоже."
    assert mask_text(text) == text


@given(st.text(max_size=200), st.sampled_from([*PHONES, *NAMES, "кв. 5", "дом 12-34"]), st.text(max_size=100))
def test_what_is_not_hidden_stays_as_it_was_written(before: str, personal: str, after: str) -> None:
    """The pieces between masks are pieces of the original, in their order."""
    text = f"{before} {personal} {after}"
    masked, place = mask_appeal(text, Applicant("Иванов Пётр", "+7 910 123-45-67", "p@example.org")), 0
    for piece in re.split(r"(?:, )?\[(?:имя|телефон|почта|документ|квартира|дата|ссылка)\]", masked):
        assert piece in text[place:]
        place = text.index(piece, place) + len(piece)


OFFICIALS = {name: spelled for name, spelled in ODD.items() if name != "line breaks"} | {
    "capitals": str.upper,
    "small letters": str.lower,
}


@pytest.mark.parametrize("odd", OFFICIALS)
def test_officials_words_are_masked_however_they_are_spelled(odd: str) -> None:
    """Before these rules 0.69 of what stood in small letters was hidden, and 0.93 of it with two spaces."""
    spelled = OFFICIALS[odd]
    judged = [each for name in SHARES for each in read_judged(name)]
    hits = [
        spelled(part) not in mask_words(spelled(each.text), each.applicant)
        for each in judged
        for part in each.must_hide
    ]
    assert sum(hits) / len(hits) >= (0.9 if odd == "small letters" else 0.98)
