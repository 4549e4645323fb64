"""Personal data in what officials write, found with knowledge of the applicant: name, phone, mail and flat in whatever
spelling, and other people where the words before them say that they are private persons.

Pure; every repetition is bounded, so that no text takes more than linear time. Names of streets and institutions,
hotlines, numbers of documents and contracts stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.intake.rules.masking import (
    CAPITAL,
    DOCUMENT,
    FLAT,
    MAIL,
    NAME,
    PHONE,
    is_form,
    mask_numbers,
    plain_of,
    stems_of_name,
)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who sent an appeal, as they gave it; empty where they did not."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


def mask_words(text: str, applicant: Applicant) -> str:
    """What an official writes, or the applicant later on, without personal data."""
    text = _visible(text)
    text = _mask_mail(text, applicant.email)
    text = _mask_phone(text, applicant.phone)
    text = _IN_WORDS.sub(FLAT, _mask_flat(text, applicant.address))
    text = _mask_papers(text)
    text = _mask_others(text)
    if applicant.name:
        text = _mask_name(text, applicant.name)
    return text


# Characters that only help a name to hide.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_SPACES = {ord(space): " " for space in "\u00a0\u2007\u2009\u202f"}


def _visible(text: str) -> str:
    return text.translate(_UNSEEN | _SPACES)


# Mail and phones.

_AT = r"(?:@|\(\s?(?:at|собака|dog)\s?\)|\[\s?(?:at|собака|dog)\s?\])"
_ODD_MAIL = re.compile(
    rf"(?i)(?<![\w.+-])[\w.+-]{{1,64}}\s{{0,2}}{_AT}\s{{0,2}}(?:[\w-]{{1,63}}\s?\.\s?){{1,5}}[^\W\d_][\w-]{{1,30}}"
)


def _mask_mail(text: str, email: str) -> str:
    local, _, domain = email.strip().partition("@")
    if local and domain and domain[-2:].lower() in text.lower().replace(" ", ""):
        loose = [r"\s{0,2}".join(map(re.escape, part)) for part in (local, domain)]
        text = re.sub(rf"(?i)(?<!\w){loose[0]}\s{{0,2}}{_AT}\s{{0,2}}{loose[1]}(?!\w)", MAIL, text)
    return _ODD_MAIL.sub(MAIL, text)


_LOCAL_DIGITS = 7
_SHORTEST = 5
_BETWEEN = r"[\s().·•/–-]{0,3}"


def _mask_phone(text: str, phone: str) -> str:
    """The applicant's number with or without its codes."""
    digits = re.sub(r"\D", "", phone)[-10:]
    after_code = re.sub(r"\D", "", phone.rpartition(")")[2]) if ")" in phone else ""
    for known in (digits, digits[-_LOCAL_DIGITS:], after_code):
        if len(known) >= _SHORTEST and known[-1] in text:
            written = _BETWEEN.join(known)
            text = re.sub(rf"(?<!\d)(?:\+?\s?[78]{_BETWEEN})?\(?{written}(?!\d)", PHONE, text)
    return text


# Flats.

_HOUSE = re.compile(r"(?i)\bд(?:ом)?\.?\s?(\d{1,4}[а-яё]?(?:/\d{1,3})?)")
_FLAT_NUMBER = re.compile(r"(?i)\b(?:кв|квартира|комн|комната|пом)\.?\s?№?\s?(\d{1,4}[а-яё]?)\b")
_HOUSE_THEN_FLAT = re.compile(r"(?i)(\d{1,4}[а-яё]?(?:/\d{1,3})?)\s?[-–,]\s?(\d{1,4})\s*$")
_IN_WORDS = re.compile(
    r"(?i)\b(?:кв-р[а-яё]{1,2}\s?№?\s?\d{1,4}|(?:кв\.|квартир[а-яё]{1,2}|кв-р[а-яё]{1,2})\s(?:номер\s)?(?:(?:двадцать|тридцать|сорок|пятьдесят"
    r"|шестьдесят|семьдесят|восемьдесят|девяносто|сто|двести|триста)\s?){0,2}(?:один|одна|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять"
    r"|одиннадцать|двенадцать|[а-яё]{3,6}надцать|двадцать|тридцать|сорок|[а-яё]{4,7}десят|девяносто|сто))\b"
)
_SQUARE = r"(?!\s?(?:м\b|метр|км))"


def _mask_flat(text: str, address: str) -> str:
    house, flat = _home(address)
    if not flat or flat not in text:
        return text
    near = rf"(?i)\b({re.escape(house)}(?:\s?,?\s?(?:к|корп|корпус)\.?\s?\d{{1,2}})?)\s?[-–,]\s?{re.escape(flat)}\b"
    if house:
        text = re.sub(near, rf"\1, {FLAT}", text)
    text = re.sub(rf"(?i)(\bквартир[а-яё]{{1,3}}\s[^;]{{0,60}}?№\s?){re.escape(flat)}\b", rf"\1{FLAT}", text)
    return re.sub(
        rf"(?i)(?<![\d,.])\b{re.escape(flat)}(?:-?[а-яё]{{1,2}})?\s?кв(?:артир[а-яё]{{1,2}}|\.){_SQUARE}",
        FLAT,
        text,
    )


def _home(address: str) -> tuple[str, str]:
    """House and flat of an address; empty what it does not name."""
    house, flat = _HOUSE.search(address), _FLAT_NUMBER.search(address)
    if flat:
        return (house.group(1) if house else ""), flat.group(1)
    last = _HOUSE_THEN_FLAT.search(address)
    return (last.group(1), last.group(2)) if last else ("", "")


# Papers.

_PLATE = re.compile(r"(?i)(?<!\w)[АВЕКМНОРСТУХ]\s?\d{3}\s?[АВЕКМНОРСТУХ]{2}\s?\d{2,3}(?!\d)")
_BORN = re.compile(
    r"(?i)((?:дат[аыуе]\s{1,3}рождения|родил(?:ся|ась)|родивш[а-яё]{2,4}ся|д\.\s?р\.|род\.|рожд[а-яё]{0,5}\.?)[\s:–-]{0,4})"
    r"(\d{1,2}[.\s/-]{1,2}(?:\d{1,2}|[а-яё]{3,8})[.\s/-]{1,2}\d{4})"
)
_YEAR_OF_BIRTH = re.compile(
    r"(?i)\b(?:\d{1,2}[.\s](?:\d{1,2}|[а-яё]{3,8})[.\s])?(?:19|20)\d\d(?=\s?(?:г\.?\s?р\b|г\.?\s?рожд|года?\s{1,2}рожд))"
)
_PERSONS_ACCOUNT = re.compile(r"(?<!\d)(?:408(?:17|20)|423\d\d|426\d\d)(?:\s?\d){15}(?!\d)")
_NAMED_ACCOUNT = re.compile(
    r"(?i)(\bлицев[а-яё]{2,4}\s{1,3}сч[её]т[а-яё]{0,2}[\s:]{0,3}(?:№|номер)?\s{0,2})(\d[\d\s-]{4,18}\d)"
)
_SNILS_SPACED = re.compile(r"(?<!\d)\d{3}\s\d{3}\s\d{3}\s\d{2}(?!\d)")


_NAMED_PAPER = re.compile(
    r"(?i)(\b(?:загран)?паспорт[а-яё]{0,3}|\bвоенн[а-яё]{2,3}\s{1,2}билет[а-яё]{0,2}|\bудостоверени[а-яё]{1,2}|\bполис[а-яё]{0,2}|\bсвидетельств[а-яё]{1,2}\s{1,2}о\s{1,2}рождени[а-яё])"
    r"([^.;\d]{0,60}?)(?:[А-ЯЁIVX]{2,4}[-\s]?(?:[А-ЯЁ]{2}\s?)?|\d{2}\s?\d{0,2}\s?)(?:№|номер)?\s{0,2}\d{6,7}(?!\d)"
)
_BIRTHDAY_OF = re.compile(rf"(\({re.escape(NAME)}[,\s]{{1,3}})\d{{2}}\.\d{{2}}\.\d{{4}}(?=\s?[);,])")


def _mask_papers(text: str) -> str:
    text = _PLATE.sub(DOCUMENT, text)
    text = _NAMED_PAPER.sub(rf"\1\2{DOCUMENT}", text)
    text = _BORN.sub(r"\1[дата]", text)
    text = _YEAR_OF_BIRTH.sub("[дата]", text)
    text = _PERSONS_ACCOUNT.sub(DOCUMENT, text)
    text = _NAMED_ACCOUNT.sub(rf"\1{DOCUMENT}", text)
    text = _SNILS_SPACED.sub(DOCUMENT, text)
    return mask_numbers(text, keeps=_is_public_number)


# Words before a number that is nobody's own.
_PUBLIC = re.compile(
    r"(?i)(?:горяч[а-яё]{2}\s{1,2}лини|при[её]мн|диспетчер|справочн|контакт-центр|дежурн|телефон[а-яё]{0,2}\s{1,2}доверия"
    r"|аварийн|единый|единого|номер[а-яё]{0,2}\s{1,2}112|кбк|огрн|закупк|аукцион|контракт|извещени|сч[её]тчик|прибор[а-яё]{0,2}\s{1,2}уч"
    r"|заводск|кадастр|инвентарн|договор|лицензи|рпо|\bисх|\bвх|регистрационн)"
)
_BODYS_NUMBER = re.compile(r"(?i)\bинн(?:\s[а-яё]{2,20})?[\s:№–-]{1,4}$")
_BEFORE = 60


def _is_public_number(text: str, start: int, found: str) -> bool:
    """Whether the words before a number of this kind say that it belongs to a body, a thing or a paper."""
    digits = re.sub(r"\D", "", found)
    if digits[:4] in ("8800", "7800"):
        return True
    before = re.split(r"[;!?]|,\s(?=[А-Яа-яЁё])|(?<=[а-яё]{3})\.\s", text[max(0, start - _BEFORE) : start])[
        -1
    ]
    if _BODYS_NUMBER.search(before):
        return len(digits) == 10
    return _PUBLIC.search(before) is not None


# Other people.

_INITIALS = r"[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?"
_UPPER = r"[А-ЯЁ]{2,30}(?:-[А-ЯЁ]{2,30})?"
_PERSON = rf"(?:{CAPITAL}|{_UPPER})(?:\s{{1,2}}{_INITIALS}|(?:\s{{1,2}}(?:{CAPITAL}|{_UPPER})){{0,2}})"
_PRIVATE = (
    r"[Гг]р\.|[Гг]ражданин[а-яё]{0,2}|[Гг]ражданк[а-яё]{1,2}|[Сс]осед(?:[а-яё]{0,3}|к[а-яё]{1,2})|[Дд]оч(?:ь|ери|ерью)|[Сс]ын[а-яё]{0,2}|[Мм]уж(?:а|у|ем)?"
    r"|[Жж]ен(?:а|ы|е|у|ой)|[Сс]упруг[а-яё]{0,2}|[Мм]ат(?:ь|ери|ерью)|[Мм]ам[а-яё]{1,2}|[Оо]т(?:ец|ца|цу|цом)|[Бб]рат[а-яё]{0,2}|[Сс]естр[а-яё]{1,2}"
    r"|[Бб]абушк[а-яё]{1,2}|[Дд]едушк[а-яё]{1,2}|[Вв]нук[а-яё]{0,2}|[Вв]нучк[а-яё]{1,2}|[Сс]обственник[а-яё]{0,2}|[Нн]анимател[а-яё]{1,2}|[Жж]ител(?:ь|я|ю|ем|ьниц[а-яё]{1,2})"
    r"|[Зз]аявител(?:ь|я|ю|ем|ьниц[а-яё]{1,2})|[Пп]редставител(?:ь|я|ю|ем)|[Рр]еб[её]н(?:ок|ка|ку|ком)|[Оо]пекун[а-яё]{0,2}|[Пп]енсионер[а-яё]{0,3}|[Ии]нвалид[а-яё]{0,2}|[Оо]чевид[а-яё]{2,3}|[Сс]видетел[а-яё]{1,2}"
    r"|[Сс]тарш(?:ий|ая|ей|ему|им|его)\s(?:по\s)?(?:дом|подъезд)[а-яё]{0,2}"
)
_INTRODUCED = re.compile(
    rf"(?<!\w)((?:{_PRIVATE})(?:\s(?:заявител[а-яё]{{1,4}}|по\s[а-яё]{{3,12}}|кв\.\s?\d{{1,4}}|\[квартира\])){{0,2}}[\s,:(–-]{{1,3}}\(?)({_PERSON})"
)
_PATRONYMIC = r"(?:вич(?:а|у|ем|е)?|вн(?:а|ы|е|у|ой)|ичн(?:а|ы|е|у|ой)|ьич(?:а|у|ом|е)?)"
_FULL_NAME = re.compile(
    rf"\b(?:{CAPITAL}\s{{1,2}}){{1,2}}[А-ЯЁ][а-яё]{{1,20}}{_PATRONYMIC}\b(?:\s{CAPITAL}(?=[\s,.;)]))?"
)
_FULL_UPPER = re.compile(
    rf"\b(?:{_UPPER}\s{{1,2}}){{1,2}}[А-ЯЁ]{{2,20}}(?:ВИЧ(?:А|У|ЕМ|Е)?|ВН(?:А|Ы|Е|У|ОЙ)|ИЧН(?:А|Ы|Е|У|ОЙ))\b"
)
_OGLY = re.compile(
    rf"\b(?:{CAPITAL}\s{{1,2}}){{1,3}}(?:[Оо]глы|[Кк]ызы|[Гг]ызы|[Уу]лы)\b|\b(?:{CAPITAL}\s{{1,2}}){{0,2}}{CAPITAL}-(?:оглы|кызы|гызы)\b"
)
_LIVING = re.compile(
    rf"\b({_PERSON})(?=,?\s(?:проживающ|зарегистрированн|прописанн|\d{{4}}\s?г\.?\s?р|\[дата\]))"
)


def _mask_others(text: str) -> str:
    text = _OGLY.sub(NAME, text)
    text = _INTRODUCED.sub(_keep_introduction, text)
    text = _LIVING.sub(NAME, text)
    text = _FULL_UPPER.sub(NAME, text)
    text = _FULL_NAME.sub(_unless_after_institution, text)
    return _BIRTHDAY_OF.sub(r"\1[дата]", text)


def _keep_introduction(match: re.Match[str]) -> str:
    return match.group(1) + NAME


def _unless_after_institution(match: re.Match[str]) -> str:
    return match.group() if _names_a_place(match.string, match.start(), match.end()) else NAME


# The applicant's name.

_FIRST_NAMES_OF_STREETS = (
    "Льва|Розы|Любови|Марии|Максима|Карла|Юрия|Сергея|Александра|Алексея|Николая|Ивана|Петра|Михаила|Дмитрия|Ф[её]дора|Антона"
    "|Анны|Веры|Зои|Лизы|Надежды|Ольги|Павла|Степана|Василия|Владимира|Андрея|Григория|Богдана|Клары|Фридриха|Мусы|Габдуллы"
    "|Рихарда|Софьи|Якова|Сем[её]на|Олега|Валентина|Валерия|Константина|Кирилла|Георгия|Евгения|Матвея|Нины|Маршала|Генерала"
)
_PLACE_BEFORE = re.compile(
    r"(?:\b(?:ул|просп|пр|пер|пл|бул|ш|наб|мкр|им|ст|г|с|д|пос|п)\.|\b(?:пр-т|пр-кт|б-р|р-н|мкр)\.?|(?i:\b(?:улиц|проспект|проезд|переулк|переулок"
    r"|площад|бульвар|шоссе|набережн|микрорайон|имен|станци|остановк|парк|сквер|школ|библиотек|лице|гимнази|театр|кинотеатр|музе|памятник"
    r"|дворц|завод|район|деревн|сел|пос[её]лк|город|тупик|алле|кладбищ|родник|мост|храм|церк)[а-яё]{0,4}))"
    rf"[\s«\"„(]{{1,3}}(?:(?:{_FIRST_NAMES_OF_STREETS})\s)?(?:[А-ЯЁ]\.\s?){{0,2}}(?:{CAPITAL}-)?$"
)
# What is named after people rarely has an address of somebody beside it: any first name may come between.
_NAMED_AFTER = re.compile(
    r"(?i:\b(?:памятник|имен|музе|усадьб|библиотек|театр|школ|лице|гимнази|парк|сквер)[а-яё]{0,4}|\bим\.)"
    rf"\s(?:братьев\s|сест[её]р\s|{CAPITAL}\s|[А-ЯЁ]\.\s?){{0,2}}$"
)
_PLACE_AFTER = re.compile(
    r"^\s(?:ул\.|улиц|проспект|пр-т|пр\.|бульвар|б-р|переул|пер\.|шоссе|площад|проезд|район|сельсовет)"
)
_FIRM_BEFORE = re.compile(
    r"(?:\b(?:ООО|АО|ПАО|ЗАО|ОАО|ИП|МУП|ГУП|МКУ|МБУ|ГБУ|МБДОУ|МДОУ|МБОУ|ТСЖ|ТСН|СНТ|ДНТ|ЖСК|УК|ТЦ|ТРЦ|НКО|АНО|ЧОП)|(?i:\b(?:магазин"
    r"|кафе|аптек|салон|рын|детск|сад|компани|фирм|рестора|гостиниц|центр|клуб|газет|сайт|систем|проект|программ|акци|конкурс"
    r"|фестивал|санатори|лагер|маршрут)[а-яё]{0,5}))"
    r"[^.;!?]{0,25}[«\"„]$"
)
_DATE_BEFORE = re.compile(r"\b\d{1,2}(?:-?[а-яё]{1,2})?\s$")
_BRANDS_AFTER = re.compile(r"^\s(?:Вест|Грант|Калин|Приор|Ларгус|Нив)")
_INITIALS_BEFORE = re.compile(r"(?:\b[А-ЯЁA-Z]\.\s?){1,2}$")
_INITIALS_AFTER = re.compile(r"\s?(?:[А-ЯЁA-Z]\.\s?){1,2}")
_WORD = re.compile(r"[^\W\d_]+")
_SPACED_OUT = re.compile(r"(?<!\w)(?:[А-ЯЁа-яё]\s){3,30}[А-ЯЁа-яё](?!\w)")
# Names that are words as well: alone they are nobody, beside another part of the name they are.
_WORDS_TOO = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "вера надежда любовь роза лада слава лев мир майя рим злата август марта март ким пан победа весна лилия мила рада"
        " снежана снежа заря луна эра роман герман ислам родина мороз калина зима лето осень гроза дождь снег волна роща"
        " дубрава сад река гора поле слово мельник кузнец ткач коваль голуб сокол орел ворон береза дуб клен черных седых"
        " белых"
    ).split()
)
# «Семёновский рынок» and «ветровая нагрузка» are not forms of Семёнов and Ветров.
_ADJECTIVE = re.compile(r"(?:ск(?:ий|ая|ое|ие|ого|ому|им|ом|ой|ую|их|ими)|(?:ая|ое|ые|ую|ого|ому))$")
_LIKE_ADJECTIVE = re.compile(r"(?:ий|ый|ой|ая|яя|ого|ых|их)$")


@dataclass(frozen=True, slots=True)
class _Forms:
    """The forms of some parts of a name, as `is_form` asks for them."""

    stems: dict[str, int]
    short: frozenset[str]
    latin: frozenset[str]
    like_adjectives: bool

    @classmethod
    def of(cls, parts: list[str]) -> _Forms:
        stems, short = stems_of_name(" ".join(parts))
        latin = frozenset(_skeleton(part) for part in parts if len(part) > 2)
        return cls(stems, short, latin, any(_LIKE_ADJECTIVE.search(part.lower()) for part in parts))

    def hold(self, word: str) -> bool:
        """Officials write names with capitals: in small letters a word is a word."""
        if word[0].isascii():
            return _skeleton(word) in self.latin
        if not self.like_adjectives and _ADJECTIVE.search(word.lower()):
            return False
        return word[0].isupper() and is_form(word, self.stems, self.short)


def _mask_name(text: str, name: str) -> str:
    parts = _WORD.findall(name)
    sure = _Forms.of([part for part in parts if plain_of(part) not in _WORDS_TOO])
    every = _Forms.of(parts)
    text = _SPACED_OUT.sub(lambda match: _mask_spaced(match.group(), every), text)
    pieces, end = [], 0
    for start, stop in _spans(text, sure, every):
        if start >= end:
            pieces += [text[end:start], NAME]
            end = stop
    masked = "".join([*pieces, text[end:]])
    return masked.replace(f"{NAME}-{NAME}", NAME)


def _mask_spaced(found: str, forms: _Forms) -> str:
    word = "".join(found.split()).capitalize()
    return NAME if forms.hold(word) else found


def _spans(text: str, sure: _Forms, every: _Forms) -> Iterator[tuple[int, int]]:
    """Where the name stands, initials beside it included."""
    words = list(_WORD.finditer(text))
    own = [every.hold(word.group()) for word in words]
    for place, word in enumerate(words):
        if not own[place] or _names_a_place(text, word.start(), word.end()):
            continue
        before = _INITIALS_BEFORE.search(text, max(0, word.start() - 8), word.start())
        after = _INITIALS_AFTER.match(text, word.end())
        if not (sure.hold(word.group()) or before or after or _has_company(words, own, place)):
            continue
        stop = after.end() - after.group()[-1].isspace() if after else word.end()
        yield before.start() if before else word.start(), stop


def _has_company(words: list[re.Match[str]], own: list[bool], place: int) -> bool:
    """Whether another part of the name stands beside this one."""
    previous, following = place - 1, place + 1
    if previous >= 0 and own[previous] and words[place].start() - words[previous].end() <= 2:
        return True
    return following < len(words) and own[following] and words[following].start() - words[place].end() <= 2


def _names_a_place(text: str, start: int, stop: int) -> bool:
    """Whether a name stands for a street, an institution, a firm, a date or a make of car."""
    before, after = text[max(0, start - 40) : start], text[stop : stop + 12]
    return bool(
        _PLACE_BEFORE.search(before)
        or _NAMED_AFTER.search(before)
        or _PLACE_AFTER.search(after)
        or _FIRM_BEFORE.search(before)
        or _DATE_BEFORE.search(before)
        or _BRANDS_AFTER.search(after)
    )


# One form for the usual ways to write Russian in Latin letters; cases at the end are cut off with the vowels.
_DIGRAPHS = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("tz", "ц"), ("ch", "ч"), ("sh", "ш"),
    ("yu", "ю"), ("iu", "ю"), ("ju", "ю"), ("ya", "я"), ("ia", "я"), ("ja", "я"), ("yo", "е"), ("jo", "е"), ("ye", "е"), ("je", "е"), ("x", "кс"),
)  # fmt: skip
_SINGLES = str.maketrans("abvgdezijklmnoprstufhcywq", "абвгдезиикlмнопрстуфхцивк".replace("l", "л"))
_CYRILLIC = str.maketrans({"ё": "е", "э": "е", "й": "и", "ы": "и", "ь": None, "ъ": None})


def _skeleton(word: str) -> str:
    plain = word.lower().replace("'", "")
    if plain[0].isascii():
        for latin, letter in _DIGRAPHS:
            plain = plain.replace(latin, letter)
        plain = plain.translate(_SINGLES)
    return re.sub(r"(.)\1+", r"\1", plain.translate(_CYRILLIC)).rstrip("аеиоуюя")
