"""An appeal's clocks: pure, `now` is a parameter, so that rebuilding from zero gives the same ones.

Reading order: `events`, `facts` (what happened) → `ordering`, `timelines`, `journal` (when each clock opened, stood
still, ended) → `dating`, `fold` (when each is due) → `changes`, `reconciliation` (what differs from what was
announced).
"""
