"""Appeals that were answered together with others, which teaches nothing of their texts."""

from __future__ import annotations

from typing import Final

# By a work's notice or as an incident, and not by itself since: nobody has looked at the text of the assignment `a`. Asked row by
# row, of the few that are looked at: as a condition of its own the planner would read all reports that there are.
ANSWERED_TOGETHER: Final = """
(a.cycle = 1 AND (SELECT true FROM routing.incident_report r
    JOIN routing.incident i ON i.region = r.region AND i.id = r.incident_id
    WHERE r.region = a.region AND r.assignment_id = a.id AND (i.work_id IS NOT NULL OR EXISTS (
        SELECT FROM routing.incident_answer w WHERE w.region = i.region AND w.incident_id = i.id)) LIMIT 1) IS TRUE)
"""
