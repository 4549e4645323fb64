"""Personal data in free text: phones, mail, documents, flats, and names, replaced by bracketed words.

Pure regular expressions, one pass for everything made of digits; every repetition is bounded, so that no text takes
more than linear time. Masking too much is a smaller harm here than masking too little.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

NAME, PHONE, MAIL, DOCUMENT, FLAT = "[имя]", "[телефон]", "[почта]", "[документ]", "[квартира]"

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[^\W\d_][\w-]{1,30}")
_DIGITS = re.compile(
    r"""(?<![\d\w+])(?:
      (?P<snils> \d{3}-\d{3}-\d{3}[\s-]?\d{2} )
    | (?P<card> \d{4}[\s-]?\d{4}[\s-]?\d{4}[\s-]?\d{4}(?:[\s-]?\d{2,3})? )
    | (?P<phone>
        (?:\+7|[78])[\s(–-]{0,3}\d{3,5}[\s)–-]{0,3}\d{1,3}[\s–-]{0,2}\d{2}[\s–-]{0,2}\d{2,3}
      | \+\d{1,3}[\s(–-]{0,2}\d{2,4}[\s)–-]{0,2}\d{2,4}[\s–-]?\d{2}[\s–-]?\d{2,4}
      | \(\d{3,5}\)\s?\d{1,3}[\s–-]?\d{2}[\s–-]?\d{2}
      | 9\d{2}[\s–-]?\d{3}[\s–-]?\d{2}[\s–-]?\d{2}
      | \d{2,3}-\d{2}-\d{2} )
    | (?P<document> \d{2}\s?\d{2}\s?(?:№\s?)?\d{6} | \d{11,12} )
    )(?![\d\w])(?!-\d)""",
    re.VERBOSE,
)
# A bare number is a telephone or a document only when the words before it say so.
_NAMED_PHONE = re.compile(
    r"(?i)(\b(?:тел|телефон|моб|сот|номер телефона|звоните)[а-яё]{0,3}\.?:?\s{0,3})(\d[\d\s()–-]{3,14}\d)"
)
_NAMED_DOCUMENT = re.compile(
    r"(?i)(\b(?:снилс|инн|паспорт[а-яё]{0,3}|полис[а-яё]{0,3}|(?:водительск[а-яё]{1,4}\s)?удостоверени[а-яё]{1,2})"
    r"(?:\s{1,3}(?:серии?|№|номер|рф))?[\s:№-]{1,4})"
    r"(\d[\d\s№-]{3,18}\d)(\s{0,2}(?:№|номер)\s{0,2}\d{4,8})?"
)
_DATE = re.compile(r"^(?:0[1-9]|[12]\d|3[01])-(?:0\d|1[0-2])-\d{2}$")
_FLAT_WORD = r"(?:кв(?:артир[а-яё]{1,3}|\.)?|комн(?:ат[а-яё]{1,3}|\.)?)"
_FLAT = re.compile(
    rf"(?i)(?<!\w){_FLAT_WORD}\s{{0,2}}(?:№\s{{0,2}})?\d{{1,4}}(?!\s?[\d%]|\s?(?:м|кв)\b)[а-яё]?\b"
)
_HOUSE_AND_FLAT = re.compile(
    r"(?i)(\b(?:д\.|дом[а-яё]{0,2})\s{0,2}\d{1,4}[а-яё]?(?:/\d{1,3})?)\s?[-–]\s?\d{1,4}\b"
)
_FLAT_IN_ADDRESS = re.compile(
    rf"(?i)[,;]?\s{{0,3}}(?<!\w){_FLAT_WORD}\s{{0,2}}(?:№\s{{0,2}})?\d{{1,4}}(?:[а-яё]\b)?"
)
_FLAT_AT_END = re.compile(
    r"(?i)(\d{1,4}[а-яё]?(?:/\d{1,3})?(?:\s?к(?:орп)?\.?\s?\d{1,2})?)\s?[-–]\s?\d{1,4}\s*$"
)

CAPITAL = r"[А-ЯЁ][а-яё]{1,30}(?:-[А-ЯЁ][а-яё]{1,30})?"
_INTRODUCED = re.compile(
    rf"(\b(?:[Мм]еня\s{{1,3}}зовут|[Зз]овут\s{{1,3}}меня|[Мм]о[её]\s{{1,3}}имя|[Сс]\s{{1,3}}уважением,?"
    rf"|(?:ФИО|Ф\.\s?И\.\s?О\.)\s?:?)[\s:,–-]{{1,4}}(?:я,?\s)?)((?:{CAPITAL}|[А-ЯЁ]\.)(?:\s?(?:{CAPITAL}|[А-ЯЁ]\.)){{0,3}})"
)
_I_AM = re.compile(
    rf"(\b[Яя]\s?,?\s?[–-]?\s?)({CAPITAL}(?:\s{CAPITAL}){{1,2}}|{CAPITAL}\s?[А-ЯЁ]\.\s?[А-ЯЁ]\.)"
)
_FULL_NAME = re.compile(
    rf"\b{CAPITAL}\s(?:{CAPITAL}\s)?[А-ЯЁ][а-яё]{{1,20}}(?:вич(?:а|у|ем|е)?|вн(?:а|ы|е|у|ой)|ичн(?:а|ы|е|у|ой))\b"
)
_WORD = re.compile(r"[^\W\d_]+")
_INITIALS_AFTER = re.compile(r"\s?(?:[А-ЯЁA-Z]\.\s?){1,2}")
_INITIALS_BEFORE = re.compile(r"(?:\b[А-ЯЁA-Z]\.\s?){1,2}$")

_ENDINGS = (
    "ого", "ому", "ыми", "ими", "ами", "ями",
    "ый", "ий", "ой", "ая", "яя", "ую", "юю", "ья", "ия", "ое", "ым", "им",
    "а", "я", "о", "е", "у", "ю", "ы", "и", "ь", "й",
)  # fmt: skip
_LONGEST_ENDING = 4
_SHORT_ENDINGS = frozenset(("", "а", "у", "ом", "е", "ы", "и", "я", "ю", "ей", "ем", "ой"))
_NOT_NAMES = frozenset(
    [
        "ооо",
        "оао",
        "зао",
        "пао",
        "ао",
        "ип",
        "снт",
        "днт",
        "тсж",
        "тсн",
        "жск",
        "мку",
        "моу",
        "мбу",
        "гбу",
        "мкд",
        "лтд",
        "оглы",
        "кызы",
        "гражданин",
        "гражданка",
        "житель",
        "жители",
        "жительница",
        "семья",
        "семьи",
        "коллектив",
        "группа",
        "аноним",
        "анонимно",
        "нет",
        "не",
        "указано",
        "имя",
        "без",
        "имени",
        "администрация",
    ]
)


def mask_text(text: str, name: str = "") -> str:
    """The text without personal data; `name` is the applicant's own as it was given."""
    plain = plain_of(text)
    if "@" in plain:
        text = _MAIL.sub(MAIL, text)
    if any(map(plain.__contains__, "0123456789")):
        text = mask_numbers(text)
    # Cheap look-ups first: most texts hold no name at all.
    if any(map(plain.__contains__, ("зовут", "имя", "уважением", "фио", "ф."))):
        text = _INTRODUCED.sub(rf"\1{NAME}", text)
    if "я" in plain:
        text = _I_AM.sub(rf"\1{NAME}", text)
    if any(map(plain.__contains__, ("вич", "вн", "ичн"))):
        text = _FULL_NAME.sub(NAME, text)
    return _mask_own_name(text, name, plain) if name else text


def mask_address(address: str, name: str = "") -> str:
    """The address down to the house: «ул. Ленина, 12-34» and «…, кв. 5» lose the flat."""
    without_flat = _FLAT_IN_ADDRESS.sub("", address)
    without_flat = _FLAT_AT_END.sub(r"\1", without_flat)
    return mask_text(without_flat, name).strip().strip(",;").strip()


def mask_numbers(text: str, keeps: Callable[[str, int, str], bool] | None = None) -> str:
    """The text without phones, numbers of personal documents and flats.

    `keeps` says of a number (whole text, place, as found) whether it is nobody's own.
    """

    def name_digits(match: re.Match[str]) -> str:
        found = match.group()
        if keeps is not None and keeps(text, match.start(), found):
            return found
        if match.lastgroup == "phone":
            return found if _DATE.match(found) else PHONE
        return DOCUMENT

    def name_document(match: re.Match[str]) -> str:
        if keeps is not None and keeps(match.string, match.start(2), match.group(2)):
            return match.group()
        return match.group(1) + DOCUMENT

    plain = plain_of(text)
    text = _DIGITS.sub(name_digits, text)
    if any(map(plain.__contains__, ("снилс", "инн", "паспорт", "полис", "удостоверени"))):
        text = _NAMED_DOCUMENT.sub(name_document, text)
    if any(map(plain.__contains__, ("тел", "моб", "сот", "номер", "звоните"))):
        text = _NAMED_PHONE.sub(rf"\1{PHONE}", text)
    if "кв" in plain or "комн" in plain:
        text = _FLAT.sub(FLAT, text)
    return _HOUSE_AND_FLAT.sub(rf"\1, {FLAT}", text)


def plain_of(text: str) -> str:
    """In small letters, without ё."""
    return text.lower().replace("ё", "е")


def _mask_own_name(text: str, name: str, plain: str) -> str:
    """Any inflected form of any part of the name, with initials beside it."""
    stems, short = stems_of_name(name)
    if not any(map(plain.__contains__, stems)) and not any(map(text.__contains__, short)):
        return text
    pieces, end = [], 0
    for match in _WORD.finditer(text):
        start = match.start()
        if start < end or not is_form(match.group(), stems, short):
            continue
        before = _INITIALS_BEFORE.search(text, max(end, start - 8), start)
        after = _INITIALS_AFTER.match(text, match.end())
        pieces += [text[end : before.start() if before else start], NAME]
        end = match.end()
        if after:
            end = after.end() - (1 if after.group()[-1].isspace() else 0)
    return "".join([*pieces, text[end:]]) if pieces else text


def is_form(word: str, stems: dict[str, int], short: frozenset[str]) -> bool:
    """Whether a word is a name, or a part of one, in any case."""
    if word[:2] in short and word[2:].lower() in _SHORT_ENDINGS:
        return True
    plain = plain_of(word)
    size = len(plain)
    # The stem of an inflected word is the word less at most four letters: a few look-ups, no loop over stems.
    for length in range(size, max(1, size - _LONGEST_ENDING - 1), -1):
        allowed = stems.get(plain[:length])
        if allowed is not None and size - length <= allowed:
            return True
    return False


def stems_of_name(name: str) -> tuple[dict[str, int], frozenset[str]]:
    """Stems with the longest ending each may take; two-letter names count only as written, capitalised."""
    stems: dict[str, int] = {}
    short = set()
    for part in _WORD.findall(name):
        plain = plain_of(part)
        if plain in _NOT_NAMES or len(plain) < 2:
            continue
        if len(plain) == 2:
            short.add(part.capitalize())
            continue
        for stem in _stems_of(plain):
            stems[stem] = min(len(stem), _LONGEST_ENDING)
    return stems, frozenset(short)


def _stems_of(plain: str) -> Iterator[str]:
    yield plain
    stem = plain
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) - len(ending) >= 2:
            stem = plain[: -len(ending)]
            break
    yield stem
    if len(plain) > 3 and plain[-1] not in "аяоеуюыиьй" and plain[-2] in "ео":
        yield plain[:-2] + plain[-1]  # Павел – Павла, Кравец – Кравца
    if plain == "лев":
        yield "льв"
