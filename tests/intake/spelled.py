"""Personal data as citizens really type it, put back into real appeals, and the judge of what a mask left readable.

`spelled_items.jsonl` was written before and apart from any masking rule, and is never fitted to one: all of it is
invented. A piece counts as readable when the masked text holds it more often than the original without the secret,
so what the appeal says elsewhere (a year, a namesake) is never held against the mask.
"""

from __future__ import annotations

import csv
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import orjson

Kind = Literal["phone", "mail", "document", "name_initials", "name_capitals", "name_lower"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ITEMS = Path(__file__).with_name("spelled_items.jsonl")
SHORTEST_RUN = 4  # characters of a number or of a mail's local part that may not stay together
SHORTEST_NAME = 3  # letters; initials alone tell nobody
_AT = re.compile(r"\s*(?:@|собака|[\[({]\s*(?:at|собака|@)\s*[\])}]|\bat\b)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?:(?<=\w{4}\.)|(?<=[!?]))\s+")  # not after «ул.» and its like
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Item:
    """One line of the set: `secret` stands in `sentence` exactly once."""

    kind: Kind
    sentence: str
    secret: str


@dataclass(frozen=True)
class Inserted:
    """An appeal with an item's sentence inside: `text[start:end]` is the secret."""

    item: Item
    text: str
    start: int
    end: int

    @property
    def rest(self) -> str:
        """The text without the secret."""
        return f"{self.text[: self.start]} {self.text[self.end :]}"


@dataclass(frozen=True)
class FalseMasks:
    """Words outside the secret: how many there are and how many of them are missing in the masked text."""

    missing: int
    words: int


def items() -> list[Item]:
    """The whole set, in the file's order."""
    return [Item(**orjson.loads(line)) for line in ITEMS.read_bytes().splitlines()]


def sample_texts(folder: Path) -> list[str]:
    """Texts of the sample's appeals (the folder in `OTKLIK_SAMPLES`), in the file's order."""
    with (folder / "kursk_appeals.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def inserted(texts: Sequence[str], seed: int, of: Sequence[Item] = ()) -> Iterator[Inserted]:
    """Each item (`of`: of these; the file's by default) between two sentences of one of `texts`; the same seed gives the same appeals.

    Half of the sentences that are all in capitals stand in an appeal that is all in capitals.
    """
    chance = random.Random(seed)
    for item in of or items():
        text = chance.choice(texts)
        if item.sentence.isupper() and chance.random() < 0.5:
            text = text.upper()
        sentences = _SENTENCE_END.split(text)
        place = chance.randint(0, len(sentences))
        before = "".join(f"{sentence} " for sentence in sentences[:place])
        after = "".join(f" {sentence}" for sentence in sentences[place:])
        start = len(before) + item.sentence.index(item.secret)
        yield Inserted(item, before + item.sentence + after, start, start + len(item.secret))


def readable(original: Inserted, masked: str) -> set[str]:
    """Telling pieces of the secret that can still be read in `masked`; empty when the item is hidden.

    Numbers: runs of four of its digits, whatever stands between them. Mails: runs of four characters of the
    local part (all of it when shorter). Names: words of three letters or more.
    """
    kind, secret = original.item.kind, original.item.secret
    if kind in ("phone", "document"):
        return _more_often(_runs(_digits(secret)), _digits(masked), _digits(original.rest))
    if kind == "mail":
        locals_ = [_letters(part) for part in _local_parts(secret)]
        pieces = set().union(*(_runs(local) for local in locals_))
        return _more_often(pieces, _letters(masked), _letters(original.rest))
    left = Counter(words(masked)) - Counter(words(original.rest))
    return {word for word in words(secret) if len(word) >= SHORTEST_NAME and left[word]}


def hidden(original: Inserted, masked: str) -> bool:
    """Whether no telling piece of the secret can be read any more."""
    return not readable(original, masked)


def false_masks(original: Inserted, masked: str) -> FalseMasks:
    """Words of the text outside the secret that the masked text lacks."""
    wanted = Counter(words(original.rest))
    return FalseMasks((wanted - Counter(words(masked))).total(), wanted.total())


def words(text: str) -> list[str]:
    """Runs of letters and digits, in small letters, without what is not seen."""
    return _WORD.findall(_plain(text))


def _plain(text: str) -> str:
    """One form for comparing: full width as usual, small letters, no invisible characters and no accents."""
    composed = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in composed if unicodedata.category(char) not in ("Cf", "Mn"))


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def _letters(text: str) -> str:
    return "".join(words(text))


def _local_parts(secret: str) -> list[str]:
    """What stands before each @, in any of its spellings: `a@b.ru, c@d.ru` gives a and c."""
    before = _AT.split(_plain(secret).removeprefix("mailto:"))[:-1]
    return [re.split(r"[,;/]\s*", part)[-1] for part in before]


def _runs(piece: str) -> set[str]:
    """Every run of four characters; the whole piece when it is shorter."""
    last = max(len(piece) - SHORTEST_RUN, 0)
    return {piece[at : at + SHORTEST_RUN] for at in range(last + 1)} - {""}


def _more_often(pieces: set[str], masked: str, rest: str) -> set[str]:
    return {piece for piece in pieces if masked.count(piece) > rest.count(piece)}
