"""What a text itself obliges to (R5, R7, R8, R9, R11). Only proposals: a person reads the text and decides.

Every rule is looked for only in texts that hold one of its beginnings of words, so that most texts cost a few searches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from contracts.intake import Regime
from services.routing.placement.rules.law.proposals import Proposal, days_of_law

_GAP: Final = r"(?:\W+\w+){0,4}?\W+"
_COURT = re.compile(
    rf"\bобжал\w+{_GAP}(?:решени|приговор|постановлени|определени)\w*{_GAP}?\w*(?:суд[аеу]?\b|судь)"
    rf"|\b(?:отмен\w+|пересм[ао]тр\w+){_GAP}(?:решени|приговор|постановлени|определени)\w*{_GAP}суд(?:а|ьи)?\b"
    rf"|\bне\s+соглас\w+\s+с{_GAP}(?:решени|приговор|постановлени|определени)\w*{_GAP}суд(?:а|ьи)?\b"
    r"|\b(?:апелляционн|кассационн|надзорн)\w+\s+жалоб\w+"
    rf"|\bжалоб\w*\s+на{_GAP}?(?:решени|приговор|постановлени|определени)\w*{_GAP}?суд(?:а|ьи)?\b"
)
_SECRET = re.compile(
    r"\bгосударственн\w+\s+тайн\w+|\bсоставля\w+\s+(?:\w+\s+)?(?:государственн\w+|охраняем\w+)[^.!?]{0,40}\bтайн"
    r"|\bсовершенно\s+секретн\w+|\bгриф\w*\s+[«\"']?(?:совершенно\s+)?секретн"
)
_THREAT = re.compile(
    r"\b(?:я|мы|сам|лично)\W+(?:\w+\W+){0,4}?(?:убью|убьем|взорву|взорвем|подожгу|сожгу|зарежу|пристрелю|перестреляю|расстреляю)\b"
    r"|\b(?:убью|убьем|взорву|взорвем|подожгу|сожгу|зарежу|пристрелю|перестреляю|расстреляю)\s+"
    r"(?:вас|тебя|его|ее|их|всех|этого|эту|главу|мэра|губернатора|администраци\w+|здание|себя)\b"
)
_ADDRESSEE: Final = (
    r"(?:вы|вас|вам|ваш\w*|ты|чиновник\w*|депутат\w*|мэр\w*|губернатор\w*|глав[аыу]|начальник\w*|власт\w*)"
)
_ABUSE: Final = r"(?:твар[ьи]|урод[ыа]?|мраз[ьи]|ублюд\w+|сволоч[ьи]|дебил\w*|идиот[ыа]?|скотин\w*|гнид\w*|подонк\w*|сук[аи])"
_INSULT = re.compile(
    rf"\b{_ADDRESSEE}\W+(?:\w+\W+){{0,2}}?{_ABUSE}\b|\b{_ABUSE}\W+(?:\w+\W+){{0,1}}?{_ADDRESSEE}\b"
)
_MIGRATION = re.compile(
    r"\bнелегальн\w+\s+(?:\w+\s+)?(?:мигрант|иностран|гастарбайтер|рабоч)\w*|\bнезаконн\w+\s+(?:\w+\s+)?(?:мигрант|миграц)\w*"
    r"|\b(?:мигрант|иностран\w+\s+граждан|гастарбайтер)\w*[^.!?]{0,60}\b(?:без\s+(?:регистраци|патент|разрешени|документ)|незаконно|нелегально)"
    r"|\b(?:незаконно|нелегально)[^.!?]{0,40}\b(?:мигрант|иностран\w+\s+граждан|гастарбайтер)\w*"
    r"|\bрезинов\w+\s+(?:квартир|дом)\w*|\bфиктивн\w+\s+регистраци\w+"
)
_THREATS: Final = ("убью", "убьем", "взорв", "дожгу", "сожгу", "зарежу", "пристрел", "стреляю")
_ABUSES: Final = (
    "твар", "урод", "мраз", "ублюд", "сволоч", "дебил", "идиот", "скотин", "гнид", "подонк", "суки", "сука",
)  # fmt: skip
_MIGRANTS: Final = ("мигра", "иностран", "гастарбайт", "резинов", "фиктивн")
_WORD = re.compile(r"[а-яa-z]{3,}")
_VOWEL = re.compile(r"[аеиоуыэюяeiouy]")
_LONGEST_RIDDLE = 120


def return_court_decision(folded: str, regime: Regime) -> Proposal | None:
    """R7: an appeal against a court decision is returned in seven days, and how to appeal it is explained (59-ФЗ ст. 11
    ч. 2). What was decided and is not carried out is no appeal against it."""
    if not (_holds(folded, ("суд", "жалоб")) and _COURT.search(folded)):
        return None
    return Proposal(
        "R7",
        "returned",
        "Обжалуется судебное решение: вернуть заявителю и разъяснить порядок обжалования.",
        "59-ФЗ, ст. 11 ч. 2",
        days_of_law(regime, 7),
    )


def keep_secret(folded: str, regime: Regime) -> Proposal | None:
    """R11: what cannot be answered without disclosing a protected secret is answered by saying so (59-ФЗ ст. 11 ч. 6)."""
    if not (_holds(folded, ("тайн", "секретн")) and _SECRET.search(folded)):
        return None
    return Proposal(
        "R11",
        "secret",
        "Ответ может раскрыть охраняемую законом тайну: сообщить заявителю о невозможности ответа по существу.",
        "59-ФЗ, ст. 11 ч. 6",
    )


def refuse_abuse(folded: str, regime: Regime) -> Proposal | None:
    """R8: with insults or threats the appeal may stay without an answer on the merits, and the citizen is notified that the
    right must not be abused (59-ФЗ ст. 11 ч. 3); a threat is reported to the police as well."""
    if _holds(folded, _THREATS) and _THREAT.search(folded):
        return Proposal(
            "R8",
            "law_enforcement",
            "В тексте угроза: передать в полицию и службу безопасности; по существу можно не отвечать.",
            "59-ФЗ, ст. 11 ч. 3",
        )
    if not (_holds(folded, _ABUSES) and _INSULT.search(folded)):
        return None
    return Proposal(
        "R8",
        "no_answer",
        "В тексте оскорбления: можно оставить без ответа по существу, сообщив о недопустимости злоупотребления правом.",
        "59-ФЗ, ст. 11 ч. 3",
    )


def report_migration(folded: str, regime: Regime) -> Proposal | None:
    """R5: what reports violations of migration law goes in five days to the territorial organ of the interior and to the
    head of the region, and the citizen is notified (59-ФЗ ст. 8 ч. 3.1); the deadline service knows it as its case."""
    if not (_holds(folded, _MIGRANTS) and _MIGRATION.search(folded)):
        return None
    return Proposal(
        "R5",
        "migration",
        "Сообщается о нарушении миграционного законодательства: отметить случай «migration», направить в МВД и главе "
        "региона, уведомить заявителя.",
        "59-ФЗ, ст. 8 ч. 3.1",
        days_of_law(regime, 5),
    )


def ask_for_clear_text(folded: str, regime: Regime) -> Proposal | None:
    """R9: what cannot be read or has no discernible essence is not answered nor forwarded, and the citizen is notified in
    seven days (59-ФЗ ст. 11 ч. 4 and 4.1)."""
    if len(folded) > _LONGEST_RIDDLE:
        return None
    if any(_VOWEL.search(word[0]) for word in _WORD.finditer(folded)):
        return None
    return Proposal(
        "R9",
        "unclear",
        "Суть обращения определить нельзя: ответ не даётся, заявителя уведомляют.",
        "59-ФЗ, ст. 11 ч. 4, 4.1",
        days_of_law(regime, 7),
    )


def _holds(folded: str, stems: Sequence[str]) -> bool:
    return any(map(folded.__contains__, stems))


RULES: Final[tuple[Callable[[str, Regime], Proposal | None], ...]] = (
    return_court_decision,
    keep_secret,
    report_migration,
    refuse_abuse,
    ask_for_clear_text,
)


def read_text(folded: str, regime: Regime) -> Proposal | None:
    """The first rule that has something to say of a text in its normal form and small letters."""
    return next(filter(None, (rule(folded, regime) for rule in RULES)), None)
