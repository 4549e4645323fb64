"""A portal: sends an appeal so that a repeat never doubles it, and follows what becomes of its own appeals."""

from __future__ import annotations

import sys

from otklik_client import Client
from otklik_client.models import NewAppeal


def main(own_id: str) -> None:
    """Send one and wait for its first organisation."""
    appeal = NewAppeal(
        region="46",
        external_id=own_id,
        text="На улице Карла Маркса у дома 12 яма на дороге",
        address="г. Курск, ул. Карла Маркса, 12",
    )
    with Client.from_environment() as otklik:
        begun = otklik.appeals.follow_changes(from_="now").page().next_cursor
        receipt = otklik.appeals.submit_appeal(appeal)
        assert otklik.appeals.submit_appeal(appeal).id == receipt.id  # the same id, the same appeal
        print(receipt.number, receipt.tracking_code)
        # A real portal keeps `next_cursor` of every page that it has dealt with, and goes on for ever.
        for page in otklik.appeals.follow_changes(cursor=begun).follow():
            own = [change for change in page.items if change.external_id == own_id]
            for change in own:
                print(change.external_id, change.change, change.status)
            if any(change.status == "in_work" for change in own):
                break
        shown = otklik.appeals.read_appeal(receipt.id)
        print(shown.status, shown.organisation, shown.due_on)


if __name__ == "__main__":
    main(sys.argv[1])
