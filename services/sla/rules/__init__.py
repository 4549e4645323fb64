"""The pure heart of the deadline service: calendars, terms, deadlines, policies, clocks, the ladder.

No I/O and no clock of its own (`now` is a parameter), so rebuilding from zero gives the same answers. Reading
order: `terms` (how long) → `offices`, `calendars` (which days and minutes count) → `counting`, `deadlines` (when it
is due) → `explanations` (why, and the same result from the explanation alone) → `policies` (which rule applies)
→ `facts`, `timelines`, `journals`, `dating`, `clocks` (an appeal's journal folded into its clocks) → `ladder` (who
hears of it, and when).
"""
