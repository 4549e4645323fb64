"""Which days and minutes count, and when it is due: terms, calendars, deadlines that explain themselves.

Reading order: `terms` (how long) → `office_hours`, `chassis.national`, `calendars` (which days and minutes count) → `counting`,
`deadlines` (when it is due) → `explanations`, `summaries` (why, step by step and in one sentence).
"""
