"""Obscene words, also in disguise: foreign letters, digits, stars, stretched letters, spaces or full stops between letters.

Words are told by their roots with the prefixes that they take, from the beginning of a word: «страхуй», «мудрый»,
«небо», «употреблять» and «мандарин» hold the same letters and are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

_BEFORE_XU = "(?:на|по|ни|до|не|за|о|от|при|рас|вы|пере|а)?"
_BEFORE_EB: Final = "(?:за|на|по|про|вы|от|до|у|об|при|пере|недо|из|раз|рас|вз|с|в|под|долбо|далба|долба|мозго|остро|коно|зае|наи)?[ъь]?"
_ROOTS: Final = (
    rf"{_BEFORE_XU}ху(?:й|е(?!вк|вск)|и(?![а-я]{{3}}|л)|ю(?![а-я])|я(?:[рчкс]|(?![а-я]))|ли(?![а-я]))[а-я]*",
    r"[а-я]{0,6}пизд[а-я]*",
    r"(?:за|на|об|с|вы)?пид(?:[оа]р|р)(?!жа)[а-я]*",
    r"(?:вы|на|об)?бля(?:(?![а-я])|[тд](?:ь|[сиоюуе](?:[а-я]*))?(?![а-я])|дин[а-я]*)",
    rf"{_BEFORE_EB}еб(?:а[лнтшкй]|у(?![а-я])|у(?:ч|т|щ)|ы|л[аои]|н[уи]|ош|ищ|ок|ет|еш|ись|ени|итес|ем(?![а-я]))[а-я]*",
    r"еб(?:ать|твою)?(?![а-я])",
    r"муд(?:а[кч]|ил|озв|еб|охат)[а-я]*",
    r"манд(?:а|у|ы|е|ой|авошк[а-я]*)(?![а-я])",
    r"г[ао]ндон[а-я]*",
    r"шлюх[а-я]*|шалав[а-я]*",
    r"сук(?:а|и|у|ин[а-я]*|ой)(?![а-я])(?! (?:со|с|ощен)[а-я]* ?щен)",
    r"суч(?:ар|еныш|ий потрох)[а-я]*",
    r"(?:за)?жоп(?:[аыуе]|ой|ами|н)[а-я]*",
    r"говн[а-я]*",
    r"(?:на|обо|за|об|по|вы|про|у)ср(?:а[лт]|ан[цк]|у(?![а-я]))[а-я]*|ср(?:ать|ан[ыо]|ан[а-я]{0,2}ц)[а-я]*",
    r"(?:на|по|о|до|ни)?хер(?:ня|ню|ни|ов|ачи|ет|[ауе]?(?![а-я])|е[лт])[а-я]*",
    r"за?луп[а-я]*|дроч[а-я]*|падл[аыоу][а-я]{0,2}|бляди[а-я]*",
    r"(?:за|по|от|вы)?трах(?:а[лтю]|нут)[а-я]*",
)
_OBSCENE: Final = re.compile(rf"(?<![а-я])(?:{'|'.join(_ROOTS)})")
# A word that holds none of these is none: told before its roots are tried.
_PIECES: Final = (
    "ху", "пизд", "пид", "бля", "еб", "муд", "манд", "ндон", "шлюх", "шалав", "сук", "суч", "жоп", "говн", "сра", "сру", "хер", "луп",
    "дроч", "падл", "трах",
)  # fmt: skip
_TRANSLIT: Final = re.compile(
    r"(?<![a-z])(?:(?:za|na|po|pro|vy|ot|do|u)?(?:eb|yob)(?:al|an|at|uch|lan|et)[a-z]*|bl[yj]?a[dt][a-z']*|pi[sz]d[a-z]*|[hx]u[yij](?:nya|lo|ovo|evo)?(?![a-z])|(?:na|po)[hx]u[yij]"
    r"|suka(?![a-z])|mudak[a-z]*|pid[oa]r[a-z]*)"
)
# What hides a word: signs and digits for letters, the same letter three times, a broken word, letters one by one.
_COVERING: Final = ("@", "$", "*", "#", "%", "&", "0", "3", "4", "6", "..", "…")
_SIGN_AT_LETTER: Final = re.compile(
    r"[0346@$*#%&…](?:(?<=[а-яa-z].)|(?=[а-яa-z]))|\.\.(?<=[а-яa-z]..)\.?[а-яa-z]"
)
_LATIN: Final = re.compile("[a-z]{3}")
_THREE_TIMES: Final = tuple(letter * 3 for letter in "абдезиклнопрстухцыюя")
_FRAGMENTS: Final = frozenset(("бл", "ху", "еб", "пиз", "муд"))
_THREE_LETTERS: Final = b"\1\1\1"
_ONE_BY_ONE: Final = re.compile(r"(?<![а-яa-z])[а-я](?:[ .,_*/-]{1,3}[а-я]){2,}(?![а-я])")
_BROKEN: Final = re.compile(r"(?<![а-я])(?:бл|ху|еб|пиз|хуй|муд)(?: [а-я]{1,12}){1,2}(?![а-я])")
_STRETCHED: Final = re.compile(r"([а-я])\1+")
_LONGEST, _MOST_SKIPPED = 40, 2
_SEPARATORS: Final = re.compile("[^а-я]+")
_SIGNS: Final = re.compile(r"[@$*#%&….-]+")
_LIKE_LETTERS: Final = str.maketrans("0346@$1aceopxykmtbhnur", "озчбасиасеорхукмтвнпиг")
_CROSSED: Final = str.maketrans("3*x", "ххх")  # «на3уй»
_READINGS: Final = (_LIKE_LETTERS, _LIKE_LETTERS | _CROSSED)
_LIKE_DIGITS: Final = str.maketrans("0346", "озчб")
# What a word with stars may be.
_STARRED: Final = [
    "хуй",
    "хуя",
    "хую",
    "хуем",
    "хуе",
    "хули",
    "хуйня",
    "хуйню",
    "хуйни",
    "хуевый",
    "хуево",
    "хуевая",
    "хуевые",
    "хуета",
    "похуй",
    "нахуй",
    "нихуя",
    "дохуя",
    "охуел",
    "охуела",
    "охуели",
    "охуенно",
    "охуеть",
    "охуевший",
    "пизда",
    "пизду",
    "пизде",
    "пизды",
    "пиздец",
    "пиздеж",
    "пиздят",
    "пиздит",
    "бля",
    "блять",
    "блядь",
    "бляди",
    "блядский",
    "блядская",
    "ебать",
    "ебал",
    "ебаный",
    "ебаная",
    "ебаные",
    "ебаное",
    "ебучий",
    "ебучая",
    "заебали",
    "заебал",
    "заебись",
    "наебали",
    "выебал",
    "сука",
    "суки",
    "суку",
    "сукин",
    "мудак",
    "мудаки",
    "мудила",
    "гондон",
    "гондоны",
    "гандон",
    "жопа",
    "жопу",
    "жопе",
    "жопой",
    "говно",
    "говна",
    "говном",
    "шлюха",
    "пидор",
    "пидоры",
    "пидорас",
    "пидорасы",
    "падла",
    "долбоеб",
    "долбоебы",
]
_LONGEST_STARRED: Final = max(map(len, _STARRED))
_MOST_BEHIND_SIGN: Final = 5  # letters


def find_obscene(folded: str, words: Sequence[str]) -> str | None:
    """The first obscene word of a text, as it stands there.

    `folded`: the small letters of its normal form; `words`: its Russian words.
    """
    for piece in _PIECES:
        if piece in folded and any(_is_obscene(word) for word in words if piece in word):
            plain = _OBSCENE.search(folded)
            if plain:
                return plain.group()
    hidden = next(_uncovered(folded, words), None)
    if hidden:
        return hidden
    latin = _TRANSLIT.search(folded) if _LATIN.search(folded) else None
    return latin.group() if latin else None


def _uncovered(folded: str, words: Sequence[str]) -> Iterator[str]:
    """Words that are obscene once what hides them is taken away."""
    if _THREE_LETTERS in bytes([len(word) == 1 for word in words]):
        yield from _joined(_ONE_BY_ONE, folded)
    if not _FRAGMENTS.isdisjoint(words):
        yield from _joined(_BROKEN, folded)
    if any(map(folded.__contains__, _THREE_TIMES)):
        yield from (word for word in words if _is_obscene(_STRETCHED.sub(r"\1", word)))
    if any(map(folded.__contains__, _COVERING)):
        for sign in _SIGN_AT_LETTER.finditer(folded):
            word = _around(folded, sign.start())
            if _reads_obscene(word):
                yield word


def _around(folded: str, place: int) -> str:
    """What stands there between spaces, at most so many letters to each side."""
    start = folded.rfind(" ", max(0, place - _LONGEST), place) + 1
    stop = folded.find(" ", place, place + _LONGEST)
    return folded[max(start, place - _LONGEST) : stop if stop > 0 else place + _LONGEST].strip(
        '.,!?;:()«»"…-'
    )


def _joined(pattern: re.Pattern[str], folded: str) -> Iterator[str]:
    """Words that letters make which stand apart; a conjunction or two may stand before them."""
    for row in pattern.finditer(folded):
        word = _SEPARATORS.sub("", row.group())
        if any(_is_obscene(word[skipped:]) for skipped in range(_MOST_SKIPPED + 1)):
            yield row.group()


@lru_cache(maxsize=256)  # house numbers and the like
def _reads_obscene(word: str) -> bool:
    for letters in _READINGS:
        read = word.translate(letters)
        if _is_obscene(read) or _is_obscene(_SEPARATORS.sub("", read)):
            return True
    return _fits_starred(word)


def _is_obscene(word: str) -> bool:
    return _OBSCENE.search(word) is not None


def _fits_starred(word: str) -> bool:
    """Whether letters with signs for others, as «п***ц», can be read as an obscene word."""
    stripped = word.translate(_LIKE_DIGITS).strip(".,-")
    letters = [char for char in stripped if char.isalpha()]
    if len(letters) < 2 or not _SIGNS.search(stripped):
        return False
    pieces = _SIGNS.split(stripped)
    if len(letters) + len(pieces) - 1 > _LONGEST_STARRED:  # each sign stands for a letter at least
        return False
    return any(_fits_between(pieces, known) for known in _STARRED)


def _fits_between(pieces: Sequence[str], known: str) -> bool:
    """Whether the word is these pieces in their order, with one to five letters between each two of them."""
    ends = {len(pieces[0])} if known.startswith(pieces[0]) else set[int]()
    for piece in pieces[1:]:
        starts = {end + hidden for end in ends for hidden in range(1, _MOST_BEHIND_SIGN + 1)}
        ends = {start + len(piece) for start in starts if known.startswith(piece, start)}
    return len(known) in ends
