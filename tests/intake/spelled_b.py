"""A second set of personal data, made by rule instead of by hand: other people, other sentences, other signs in between.

Nothing here was taken from `spelled_items.jsonl` or from any masking rule, and it is never fitted to one. Numbers are
drawn, so that no list can know them; all of it is invented.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, get_args

from tests.intake.invented_people import draw_person
from tests.intake.spelled import Item

KindB = Literal[
    "phone", "mail", "document", "name_initials", "name_capitals", "name_lower", "plate", "link", "flat"
]
KINDS_B: tuple[KindB, ...] = get_args(KindB)
IDENTIFIERS: tuple[KindB, ...] = ("phone", "mail", "document", "plate", "link", "flat")


# Each with the case of the name that goes in.
_WITH_NAME: Sequence[tuple[str, int]] = (
    ("Квитанция пришла почему-то на {}, хотя льгота моя.", 1),
    ("Отвечать прошу лично {}, других не привлекать.", 2),
    ("Акт подписан {} без моего согласия.", 3),
    ("Над нами живёт {}, каждую ночь грохот.", 0),
    ("Собственник {} уже обращалась, толку нет.", 0),
    ("К {} домой приходили из управляющей и требовали денег.", 2),
    ("В очереди за {} мне сказали, что приёма не будет.", 3),
    ("Моего отца, {}, выписали без лекарств.", 1),
    ("Отправитель: {}.", 0),
    ("{}, пенсионерка, две недели без света.", 0),
    ("По вине {} подъезд залит до второго этажа.", 1),
    ("Записка для {} так и висит на двери конторы.", 1),
    ("Разговаривала с {}, обещали перезвонить.", 3),
    ("Подпись: {}", 0),
    ("Со слов соседей, {} давно тут не живёт.", 0),
)  # fmt: skip
_CYRILLIC_INITIALS: Sequence[str] = (
    "{s} {f}.{p}.",
    "{s} {f}. {p}.",
    "{f}.{p}. {s}",
    "{f}. {p}. {s}",
    "{s} {f}.{p}",
    "{f}.{p}.{s}",
)
_OTHER_SIGNS = (" ", "-", "\u2011", "\u2013", ".", "\xa0", "  ", "\u2009", "/", "\u200b-", " - ")
_WITH_PHONE = (
    "Набирайте {} вечером, днём я на смене.",
    "{} это номер дочери, она в курсе.",
    "Диспетчер просил оставить {} для мастера.",
    "Отзвонитесь: {}",
    "Мы не молчим, дозвониться легко, {}.",
    "Вацап {}, фото пришлю.",
    "Тел.{} (спросить бабушку)",
    "Мобила {}; дома после семи.",
)
_WITH_MAIL = (
    "Скан решения жду на {}.",
    "{} сюда, пожалуйста, копию акта.",
    "Электронка {}, бумажной почте не доверяю.",
    "Мой ящик {} и больше ничего не меняйте.",
    "Отвечайте ({}) до конца недели.",
)
_WITH_DOCUMENT: Sequence[tuple[str, str]] = (
    ("паспорт", "Паспорт мой {} выдан давно, а МФЦ не принимает."),
    ("паспорт", "В заявке ошибка: паспорт серия и номер {}."),
    ("снилс", "По СНИЛС {} льготу не видят."),
    ("снилс", "страховой номер {} проверяли трижды."),
    ("инн", "ИНН {}, вычет не вернули."),
    ("карта", "Пособие ждала на карту {}, пусто."),
    ("карта", "Мошенники списали с карты {} пенсию."),
    ("полис", "Медполис {} не читается в регистратуре."),
    ("счёт", "Компенсацию зачислить на счёт {}."),
    ("ву", "Водительское удостоверение {} отобрали без протокола."),
)
_WITH_PLATE = (
    "Под окнами весь день стоит {}, двигатель не глушит.",
    "Нарушитель на машине {} перекрыл выезд скорой.",
    "Номер авто {}, видео есть.",
    "Грузовик гос. номер {} сыплет песок на дорогу.",
    "Хозяин {} хамит и паркуется на газоне.",
)
_WITH_LINK = (
    "Моя страница {}, там снимки ямы.",
    "Напишите в личку {}.",
    "Телеграм {} удобнее всего.",
    "Все видео выложил тут: {}",
    "Ищите меня в сети, {}, пришлю чеки.",
)
_WITH_FLAT = (
    "Залило сверху, {}, потолок почернел.",
    "Пусть придут в {} и посмотрят сами.",
    "Адрес тот же, {}, домофон не работает.",
    "Проживаю в {} с двумя детьми.",
    "Счётчик из {} опломбировали в мае.",
)
_LATIN = {"а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "х": "x", "у": "y", "к": "k"}
_NUMERALS = ["ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"]
_TEENS = [
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
]
_TENS = ["двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"]
_HUNDREDS = [
    "сто",
    "двести",
    "триста",
    "четыреста",
    "пятьсот",
    "шестьсот",
    "семьсот",
    "восемьсот",
    "девятьсот",
]


def items_b(count: int, seed: int) -> list[Item]:
    """`count` items, the kinds in turn; the same seed gives the same items."""
    chance = random.Random(seed)
    makers: dict[KindB, Callable[[random.Random], tuple[str, str]]] = {
        "phone": _phone, "mail": _mail, "document": _document, "name_initials": _initials, "name_capitals": _capitals,
        "name_lower": _lower, "plate": _plate, "link": _link, "flat": _flat,
    }  # fmt: skip
    return list(_made(count, chance, makers))


def _made(
    count: int, chance: random.Random, makers: dict[KindB, Callable[[random.Random], tuple[str, str]]]
) -> Iterator[Item]:
    made = 0
    while made < count:
        kind = KINDS_B[made % len(KINDS_B)]
        template, secret = makers[kind](chance)
        sentence = template.replace("{}", secret)
        if sentence.count(secret) == 1:
            made += 1
            yield Item(kind, sentence, secret)  # type: ignore[arg-type]


def _digits(chance: random.Random, count: int) -> str:
    return "".join(str(chance.randrange(10)) for _ in range(count))


def _numeral(number: int) -> str:
    words = [_HUNDREDS[number // 100 - 1]] if number >= 100 else []
    rest = number % 100
    if 10 <= rest < 20:
        return " ".join([*words, _TEENS[rest - 10]])
    if rest >= 20:
        words.append(_TENS[rest // 10 - 2])
    if rest % 10 or number == 0:
        words.append(_NUMERALS[rest % 10])
    return " ".join(words)


def _phone(chance: random.Random) -> tuple[str, str]:
    groups = [f"9{_digits(chance, 2)}", _digits(chance, 3), _digits(chance, 2), _digits(chance, 2)]
    sign = chance.choice(_OTHER_SIGNS)
    kind = chance.randrange(8)
    if kind == 0:
        plain = chance.choice(("8", "+7", "7", "")) + "".join(groups)
    elif kind == 1:
        plain = f"8{sign}({groups[0]}){sign}{groups[1]}{sign}{groups[2]}{sign}{groups[3]}"
    elif kind == 2:
        plain = f"+7{sign}{groups[0]}{sign}{groups[1]}{groups[2]}{groups[3]}"
    elif kind == 3:
        numbers = [int(groups[0]), int(groups[1][0] if groups[1][0] != "0" else "1") * 100 + 11, 47, 83]
        plain = " ".join(["восемь", *map(_numeral, numbers)])
    elif kind == 4:
        plain = sign.join(["8", *groups]).replace("0", chance.choice("Oо0О"))
    elif kind == 5:
        plain = "\u200b".join("8" + "".join(groups))
    elif kind == 6:
        plain = f"8 {groups[0]} {groups[1][:1]} {groups[1][1:]} {groups[2]} {groups[3]}"
    else:
        plain = f"8-{groups[0]}-{groups[1]}-{groups[2]}-{groups[3]}".replace(
            "3", chance.choice("3З")
        ).replace("6", chance.choice("6б"))
    return chance.choice(_WITH_PHONE), plain


def _mail(chance: random.Random) -> tuple[str, str]:
    local = (
        chance.choice(("kovyl", "lena-", "ivan_m", "zhek.", "babushka", "x-"))
        + chance.choice(("tula", "dom", "v", "ok"))
        + _digits(chance, chance.randrange(2, 5))
    )
    host, zone = chance.choice(
        (
            ("mail", "ru"),
            ("yandex", "ru"),
            ("gmail", "com"),
            ("rambler", "ru"),
            ("bk", "ru"),
            ("proton", "me"),
        )
    )
    at = chance.choice(("@", "@", "@", " @ ", "(собака)", " собачка ", "[at]", "＠"))
    stop = chance.choice((".", ".", ".", " точка ", " . ", "[dot]"))
    mail = f"{local}{at}{host}{stop}{zone}"
    return chance.choice(_WITH_MAIL), chance.choice(
        (mail, mail, mail.upper() if "точка" not in mail and "собач" not in mail else mail)
    )


def _document(chance: random.Random) -> tuple[str, str]:
    kind, template = chance.choice(_WITH_DOCUMENT)
    sign = chance.choice((" ", "-", " № ", "\xa0", "  ", "."))
    number = {
        "паспорт": f"{_digits(chance, 2)}{chance.choice((' ', ''))}{_digits(chance, 2)}{sign}{_digits(chance, 6)}",
        "снилс": f"{_digits(chance, 3)}{sign}{_digits(chance, 3)}{sign}{_digits(chance, 3)} {_digits(chance, 2)}"
        if sign != " № "
        else _digits(chance, 11),
        "инн": chance.choice(
            (f"46{_digits(chance, 10)}", f"46{_digits(chance, 2)} {_digits(chance, 4)} {_digits(chance, 4)}")
        ),
        "карта": chance.choice((" ", "-", "", ".", "\xa0")).join(
            ["2200", _digits(chance, 4), _digits(chance, 4), _digits(chance, 4)]
        ),
        "полис": chance.choice(
            (
                f"46{_digits(chance, 14)}",
                f"46{_digits(chance, 2)} {_digits(chance, 4)} {_digits(chance, 4)} {_digits(chance, 4)}",
            )
        ),
        "счёт": chance.choice(
            (
                f"40817810{_digits(chance, 12)}",
                f"40817 810 {_digits(chance, 1)} {_digits(chance, 4)} {_digits(chance, 7)}",
            )
        ),
        "ву": f"99 {_digits(chance, 2)} {_digits(chance, 6)}",
    }[kind]
    return template, number


def _initials(chance: random.Random) -> tuple[str, str]:
    template, case = chance.choice(_WITH_NAME)
    person = draw_person(chance)
    name = chance.choice(_CYRILLIC_INITIALS).format(
        s=person.surname[case], f=person.first[0][0], p=person.father[0][0]
    )
    return template, name.upper() if chance.random() < 0.15 else name


def _capitals(chance: random.Random) -> tuple[str, str]:
    template, case = chance.choice(_WITH_NAME)
    order = chance.choice(("SFP", "FPS", "FP", "SF", "FS"))
    name = draw_person(chance).full(case, order)
    odd = chance.randrange(6)
    if odd == 0:
        name = name.replace(" ", "\xa0")
    elif odd == 1:
        name = "".join(_LATIN.get(letter, letter) if chance.random() < 0.3 else letter for letter in name)
    return template, name.upper() if odd == 2 else name


def _lower(chance: random.Random) -> tuple[str, str]:
    template, case = chance.choice(_WITH_NAME)
    name = draw_person(chance).full(case, chance.choice(("SFP", "FPS", "FP", "SF", "FS"))).lower()
    return template.lower(), name


_LETTERS_OF_PLATES = "АВЕКМНОРСТУХ"
_LATIN_OF_PLATES = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")


def _plate(chance: random.Random) -> tuple[str, str]:
    letters = "".join(chance.choice(_LETTERS_OF_PLATES) for _ in range(3))
    sign = chance.choice(("", "", " ", "-"))
    plate = sign.join(
        [
            letters[0],
            f"{chance.randrange(1, 1000):03}",
            letters[1:],
            chance.choice(("46", "146", "31", "777")),
        ]
    )
    plate = chance.choice((plate, plate.lower(), plate.translate(_LATIN_OF_PLATES)))
    return chance.choice(_WITH_PLATE), plate


def _link(chance: random.Random) -> tuple[str, str]:
    name = chance.choice(("lapochka", "ded.moroz", "sergo_", "kuryanka", "toma-")) + _digits(chance, 4)
    link = chance.choice((
        f"vk.com/{name}", f"https://vk.com/id{_digits(chance, 8)}", f"t.me/{name}", f"@{name.replace('-', '_').replace('.', '_')}", f"ok.ru/profile/{_digits(chance, 12)}",
        f"https://www.instagram.com/{name}/", f"вк.ком/{name}", f"m.vk.com/{name}", f"wa.me/79{_digits(chance, 9)}",
    ))  # fmt: skip
    return chance.choice(_WITH_LINK), link


def _flat(chance: random.Random) -> tuple[str, str]:
    number = chance.randrange(2, 400)
    return chance.choice(_WITH_FLAT), chance.choice((
        f"кв. {number}", f"кв{number}", f"квартира {number}", f"кв.№{number}", f"КВ. {number}", f"квартире № {number}", f"кв-ра {number}",
        f"кв\xa0{number}", f"комн. {number}", f"{number}-я квартира", f"{number} квартира", f"квартира номер {number}",
    ))  # fmt: skip
