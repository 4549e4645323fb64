"""Mail in whatever spelling: signs for @ and full stops written as words, spaces in between."""

from __future__ import annotations

import re

from services.intake.masking.draft import MAIL, Draft

_WORD_AT = r"(?:собака|собачка|at|dog|эт|ат)"
AT = rf"(?: {{0,2}}@{{1,3}} {{0,2}}| {{0,2}}[(\[{{<] ?(?:{_WORD_AT}|@) ?[)\]}}>] {{0,2}}| (?:собака|собачка|at) |[_*]at[_*])"
# «эт» and «ат» are parts of many words: they count with the bracket behind them.
_SHORT_AT = tuple(
    word + space + bracket for word in ("эт", "ат") for space in ("", " ") for bracket in ")]}>"
)
SIGNS = ("@", "собак", "собач", "at", "dog", *_SHORT_AT)
_NAMES = ("почт", "мыл", "ail", "ейл", "ящик")
_STOP = r"(?: ?\. ?| ?[(\[] ?(?:точка|dot|тчк) ?[)\]] ?| (?:точка|dot|тчк) )"
_PROVIDER = (
    r"(?:mail|e-?mail|gmail|g-mail|yandex|ya|bk|list|inbox|rambler|icloud|outlook|hotmail|yahoo|me|internet|mailru"
    r"|маил|майл|меил|мэйл|мейл|мыло|почта|гмаил|гмейл|джимейл|яндекс|рамблер|бк|лист|инбокс)"
)
_ZONE = r"(?:ru|com|su|org|net|рф|ру|ком|by|ua|kz|me|info)"
_LOCAL = rf"[\w+-][\w.+-]{{0,63}}(?:{_STOP}[\w+-]{{1,40}}|(?: (?:нижнее подчеркивание|подчеркивание|дефис|тире) | ?_ ?)[\w.+-]{{1,40}}){{0,3}}"
_DOMAIN = rf"(?:[\w-]{{1,63}}(?:{_STOP}|,)){{1,5}}[^\W\d_][\w-]{{1,30}}"
_LOOSE_DOMAIN = rf"{_PROVIDER}(?:(?:{_STOP}|[ ,-]){_ZONE})?(?!\w)"
_MAIL = re.compile(
    rf"(?<![\w.+-])(?:mailto:)?{_LOCAL}(?:{AT}(?:{_LOOSE_DOMAIN}|{_DOMAIN})|@[a-z][\w-]{{2,30}})"
)
# Without a sign for @, where the words before say what it is.
_NAMED = re.compile(
    rf"(?:почт[аыуе]|e-?mail|имейл|емейл|мейл|мыло|ящик)[ :-]{{1,3}}(?P<mail>[a-z0-9_.+-]{{3,64}}[ ,]{{1,2}}{_PROVIDER} ?[.,] ?{_ZONE})(?!\w)"
)


def hide_mail(draft: Draft) -> None:
    """Hide everything that is an address."""
    if draft.mentions(SIGNS):
        draft.hide_all(_MAIL, MAIL)
    if draft.mentions(_NAMES):
        draft.hide_all(_NAMED, MAIL, "mail")
