"""Reading answers, their reviews, templates, cases like one, and how well organisations answer."""
