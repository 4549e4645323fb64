"""A dashboard: a region's figures beside the period before, where they come from, and how each is counted."""

from __future__ import annotations

from datetime import date, timedelta

from otklik_client import Client

REGION = "46"


def main() -> None:
    """The last thirty days of one region."""
    since, until = date.today() - timedelta(days=29), date.today() + timedelta(days=1)
    with Client.from_environment() as otklik:
        figures = otklik.analytics
        summary = figures.summarise(region=REGION, from_=since, to=until)
        for key in ("received", "answered", "in_time_share", "breached", "satisfaction"):
            before = getattr(summary.previous, key, None)
            print(f"{key}: {getattr(summary, key)} (before: {before}) – {summary.definition[key]}")
        topics = figures.break_down(by="topic", metric="received", region=REGION, from_=since, to=until)
        for item in topics.items[:5]:
            print(item.name, item.value)
        days = figures.show_timeseries(metric="received", grain="day", region=REGION, from_=since, to=until)
        print(sum(len(line.points) for line in days.series), "days as of", days.as_of)
        # Asked again, it is sent only when it has changed: the client keeps it with its ETag.
        names = {topic.code: topic.name for topic in otklik.reference.list_topics(region=REGION, limit=1000)}
        print(len(names), "topics")


if __name__ == "__main__":
    main()
