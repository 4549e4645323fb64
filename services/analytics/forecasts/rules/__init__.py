"""`warnings` (when a day to come should be heeded), `scores` (how good forecasts were on the days that came)."""
