"""Words of other systems in ours: outcomes, statuses, channels, regimes. What is not known is not guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple, get_args

from contracts.intake import Channel, Regime
from contracts.routing import Outcome
from otklik.files import RowError

OPEN, CLOSED = "open", "closed"
OUTCOMES: Final = get_args(Outcome)
# A phrase is read as a whole, so that «Не решено» is never taken for «решено» and «Поддержано, меры не приняты» for a
# success. Participles: any gender and number.
_WORDS: Final[Mapping[str, str]] = {
    "solved": (
        r"(?:вопрос |проблема |обращение )?реш(?:[её]н[оаы]?)(?: положительно)?|положительное решение|решено ответ дан"
        r"|меры (?:были )?приняты|приняты (?:необходимые )?меры|(?:проблема |нарушение |нарушения )?устранен[оаы]?"
        r"|поддержан[оаы]?(?: (?:в том числе )?меры приняты)?|(?:требования |просьба |обращение )?удовлетвор[её]н[оаы]?"
        r"|solved|resolved|fixed"
    ),
    "explained": (
        r"(?:дано |даны |дан )?разъяснен(?:ие|ия|о|а|ы)(?: дано| даны)?|разъясн[её]н|(?:дано )?разъяснение(?: заявителю)?"
        r"|explained"
    ),
    "refused": (
        r"отказ(?:ано|ана|ан|аны)?(?: в (?:удовлетворении|решении|просьбе)(?: \w+)?)?|дан отказ|отклон[её]н[оаы]?"
        r"|(?:оставлен[оаы]? )?без удовлетворения|не удовлетвор[её]н[оаы]?|не поддержан[оаы]?|отрицательное решение"
        r"|решено отрицательно|refused|rejected|declined|denied"
    ),
    "postponed": r"отлож(?:ено|ена|ен|ены)|перенес[её]н[оаы]?|postponed|deferred",
    OPEN: (
        r"в работе|на исполнении|на рассмотрении|рассматривается|исполняется|нов(?:ое|ая|ый)|открыт[оаы]?|зарегистрирован[оаы]?"
        r"|принят[оаы]?(?: в работу)?|назначен[оаы]?|направлен[оаы]? исполнителю|на контроле|не закрыт[оаы]?|не завершен[оаы]?"
        r"|open|opened|new|in progress|pending|assigned|registered|in work"
    ),
    CLOSED: (
        r"закрыт[оаы]?|заверш[её]н[оаы]?|исполнен[оаы]?|выполнен[оаы]?|снят[оаы]? с контроля|дан ответ|ответ дан|отвечен[оаы]?"
        r"|рассмотрен[оаы]?|в архиве|архив|closed|completed|done|answered|archived"
    ),
}  # fmt: skip
_PHRASES: Final = {meaning: re.compile(words) for meaning, words in _WORDS.items()}
_JOINTS: Final = re.compile(r"(?:[\s(),:;–—]|\.(?=\s))+")
_UNTIL: Final = re.compile(r"(?P<word>\w+)(?: (?:до|на|к|until|to))? (?P<day>\d[\d./-]+\d)(?: ?г\.?)?")
UNSOLVED: Final = re.compile(r"не (?:был[оаи]? )?(?:реш|исполн|выполн|устран)")

_CHANNELS: Final[Mapping[str, str]] = {
    "pos": r"пос|пос «?решаем вместе»?|решаем вместе|«решаем вместе»|госуслуги|епгу|портал госуслуг",
    "portal": r"портал|сайт|интернет|интернет-при[её]мная|электронная при[её]мная|web",
    "widget": r"виджет(?: на сайте)?",
    "vk": r"вк|вконтакте|vkontakte",
    "ok": r"ок|одноклассники",
    "telegram": r"телеграм|телеграмм|tg",
    "max": r"макс",
    "email": r"(?:по )?(?:эл\.? ?|электронн(?:ая|ой) |e-?)(?:почт(?:а|е|ой)|mail)|email|письмо по электронной почте",
    "phone": r"(?:по )?телефон(?:у|ом|ный звонок)?|звонок|горячая линия|call",
    "paper": r"(?:на )?бумаг(?:а|е)|письмо(?: на бумаге)?|почта|почтой|письменно(?:е обращение)?",
    "reception": r"(?:личный |на личном )?при[её]ме?|устно|устное обращение",
}  # fmt: skip
_REGIMES: Final[Mapping[str, str]] = {
    "message": r"сообщение|обычное сообщение",
    "statutory": r"обращение граждан|обращение гражданина|59-фз|по 59-фз|№ ?59-фз|официальное обращение",
}
_OTHERS: Final[Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]]] = {
    "channel": (get_args(Channel), _CHANNELS),
    "regime": (get_args(Regime), _REGIMES),
}
OTHER_FIELDS: Final = tuple(_OTHERS)


class Meaning(NamedTuple):
    """One of the four outcomes, `open` or `closed`, and the day named with it; both empty for what is not known."""

    word: str
    until: str = ""


def plain_phrase(text: str) -> str:
    """For comparison: lower case, single spaces, no full stop at the end."""
    return " ".join(text.lower().split()).strip(" .!;,")


def read_meaning(text: str) -> Meaning:
    """What a status or an outcome says, with the day of «Отложено до 01.06.2026»."""
    phrase = _JOINTS.sub(" ", plain_phrase(text)).strip()
    until = _UNTIL.fullmatch(phrase)
    if until and _PHRASES["postponed"].fullmatch(until["word"]):
        return Meaning("postponed", until["day"])
    if phrase in OUTCOMES:
        return Meaning(phrase)
    return Meaning(next((meaning for meaning, words in _PHRASES.items() if words.fullmatch(phrase)), ""))


def read_word(field: str, text: str, given: Mapping[str, str]) -> str:
    """Ours for a channel or regime; `given`: what the file's own words mean. RowError for what is not known."""
    known, words = _OTHERS[field]
    phrase = plain_phrase(text)
    if phrase in given:
        return given[phrase]
    if phrase in known:
        return phrase
    found = next((ours for ours, pattern in words.items() if re.fullmatch(pattern, phrase)), None)
    if found is None:
        raise RowError(
            f"has {field} «{text[:60]}», which is not known ({_advice(field, ', '.join(known))})",
            field=field,
            russian=f"«{text[:60]}»: это слово не известно; его значение можно задать в файле соответствий",
        )
    return found


def refuse_outcome(field: str, text: str) -> RowError:
    """For a word that is none of the four outcomes and no state."""
    if UNSOLVED.match(plain_phrase(text)):
        why = "which says what did not happen and not how it was answered"
        russian = "сказано, чего не произошло, но не сказано, каким был ответ"
    else:
        why, russian = "which is not known", "это слово не известно"
    known = ", ".join((*OUTCOMES, OPEN, CLOSED) if field == "status" else OUTCOMES)
    return RowError(
        f"has {field} «{text[:60]}», {why} ({_advice(field, known)})",
        field=field,
        russian=f"«{text[:60]}»: {russian}; его значение можно задать в файле соответствий",
    )


def _advice(field: str, known: str) -> str:
    return (
        f"known: {known}, and their usual Russian words; say what it means in a mapping file, "
        f"`[values.{field}]`, or leave the column out, `--column {field}=`"
    )
