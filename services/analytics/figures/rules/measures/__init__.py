"""The registry of measures: one figure, one definition. Summary, series, breakdowns, rankings and the lists of appeals
behind a figure use these very expressions. `measure` says what a measure is, the others hold them."""

from __future__ import annotations

from services.analytics.figures.rules.measures.asked import ASKED_MEASURES
from services.analytics.figures.rules.measures.measure import Measure
from services.analytics.figures.rules.measures.summary import SUMMARY_MEASURES
from services.analytics.figures.rules.measures.waiting import WAITING_MEASURES

MEASURES: dict[str, Measure] = {
    measure.key: measure for measure in (*SUMMARY_MEASURES, *WAITING_MEASURES, *ASKED_MEASURES)
}
