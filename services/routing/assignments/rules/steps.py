"""Why an assignment is where it is, step by step, in sentences for officials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from services.routing.assignments.rules.explanations import (
    ExplainedOrganisation,
    ExplainedRule,
    StoredExplanation,
)
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.sentences import place_of, subject_of

_FOUND_IN: Final = {
    "appeal": "указано в обращении",
    "address": "названо в адресе",
    "text": "названо в тексте",
    "point": "определено по точке на карте",
}
_DECIDED: Final = {
    "organisation": "Тема не ясна, но вероятные темы ведут к одному исполнителю",
    "level": "Исполнитель не ясен, но уровень определён",
}
_RELATIONS: Final = {
    "duplicate": "Дубликат: тот же текст недавно пришёл из того же источника и ещё без ответа.",
    "mass": "Массовое: с этим текстом пришло много обращений.",
    "repeat": "Повторное: на тот же текст из того же источника ответ уже дан.",
}


def render_steps(explained: StoredExplanation, reference: RegionReference, topic: str | None) -> list[str]:
    """Topic and words, place, rule, level, planned work, hints, proposal of the law, relations, note: a Russian sentence for each that there is."""
    return [
        *_topic(explained, reference, topic),
        *_place(explained, reference),
        *_rule(explained.get("rule"), reference),
        *_decided(explained, reference),
        *_work(explained, reference),
        *_ranked("Возможные исполнители", explained.get("suggestions", ()), reference),
        *_ranked("Похожие обращения решали", explained.get("hints", ()), reference),
        *_law(explained),
        *(_RELATIONS[each] for each in explained.get("relations", ())),
        *filter(None, [explained.get("note")]),
    ]


def _topic(explained: StoredExplanation, reference: RegionReference, code: str | None) -> Iterator[str]:
    known, source = reference.topic(code), explained.get("source")
    name = f"«{known.name}»" if known else "не определена"
    score, terms = explained.get("score"), explained.get("terms", ())
    if source == "citizen":
        yield f"Тему {name} выбрал заявитель."
    elif source == "model" and score is not None:
        words = f" по словам: {', '.join(terms)}" if terms else ""
        yield f"Тема {name} определена{words}; уверенность {render_share(score)}."
    elif source == "none":
        yield "Тему определить не удалось."
    if "question" in explained:
        yield f"Это один из вопросов обращения: «{explained['question']}»"


def _place(explained: StoredExplanation, reference: RegionReference) -> Iterator[str]:
    if "municipality" not in explained:
        return
    place, found_in = explained["municipality"], explained.get("municipality_found_in")
    if place and found_in:
        settlement = reference.directory.by_code.get(explained.get("settlement") or "")
        named = [reference.directory.names.get(place, f"ОКТМО {place}")]
        named += [settlement.called] if settlement else []
        yield f"Место: {', '.join(named)} – {_FOUND_IN[found_in]}."
    else:
        yield "Одной известной территории обращение не называет."
    if note := explained.get("place_note"):
        yield note


def _rule(rule: ExplainedRule | None, reference: RegionReference) -> Iterator[str]:
    if rule is None:
        return
    subject = subject_of(rule["topic"], rule["group"], reference)
    place = place_of(rule["municipality"] or None, reference)
    comment = f" ({rule['comment']})" if rule["comment"] else ""
    yield f"Правило компетенции: {subject}, {place} – {_name(rule['organisation'], reference)}{comment}."


def _decided(explained: StoredExplanation, reference: RegionReference) -> Iterator[str]:
    by, score, threshold = (
        explained.get("decided_by"),
        explained.get("decided_score"),
        explained.get("decided_threshold"),
    )
    receiver = explained.get("suggested_organisation")
    if explained.get("source") != "model":  # a person has decided since
        return
    if by in _DECIDED and receiver and score is not None and threshold is not None:
        yield (
            f"{_DECIDED[by]}: {_name(receiver, reference)}, вероятность {render_share(score)} "
            f"при пороге {render_share(threshold)}."
        )


def _work(explained: StoredExplanation, reference: RegionReference) -> Iterator[str]:
    if "work" in explained:
        receiver = explained.get("suggested_organisation")
        name = _name(receiver, reference) if receiver else "их организация"
        yield f"Обращение связано с плановыми работами «{explained['work']['title']}»: отвечает {name}, уведомлением о работах."


def _ranked(title: str, ranked: Sequence[ExplainedOrganisation], reference: RegionReference) -> Iterator[str]:
    named = [f"{_name(each['organisation'], reference)} {render_share(each['score'])}" for each in ranked]
    if named:
        yield f"{title}: {', '.join(named)}."


def _law(explained: StoredExplanation) -> Iterator[str]:
    if "proposal" in explained:
        proposal = explained["proposal"]
        term = f", срок {proposal['days']} дн." if proposal["days"] else ""
        yield f"По закону ({proposal['basis']}{term}): {proposal['reason']}"


def _name(organisation_id: str, reference: RegionReference) -> str:
    known = reference.organisations.get(UUID(organisation_id))
    return f"«{known.name}»" if known else "орган не из справочника"


def render_share(share: float) -> str:
    """0.615 → «62 %»."""
    return f"{share:.0%}".replace("%", "\u00a0%")
