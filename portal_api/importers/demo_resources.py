"""The learning resources of the demonstration: the organisation's own, and those of series."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from portal_api.domain.library import LibraryStatus
from portal_api.ids import IdMaker
from portal_api.importers.days import Days
from portal_api.importers.demo_series import MADE_ON
from portal_api.importers.writing import NewSeries, Writer
from portal_api.models import resources
from portal_api.queries.folding import fold

OWN = (
    ("Learner handbook", LibraryStatus.ACTIVE),
    ("How to use the app", LibraryStatus.ACTIVE),
    ("Whom to ask for help", LibraryStatus.ACTIVE),
    ("Learner handbook (old edition)", LibraryStatus.RETIRED),
)
OF_SERIES = (("Workbook", 1), ("Slides", 2), ("Checklist", 5))
"""What series have, and how many of them one each: every series, every second, every fifth."""


async def write_resources(writer: Writer, domain: str, library: Sequence[NewSeries], ids: IdMaker, days: Days) -> None:
    """Writes the resources; the series come first."""
    made_at = days.at(MADE_ON + 2, 9)
    new = list(_resources(library))
    rows = (
        {
            "organisation_id": writer.organisation_id,
            "id": ids(made_at),
            "series_id": series_id,
            "title": title,
            "title_key": fold(title),
            "url": f"https://files.{domain}/{number}",
            "status": status,
            "created_at": made_at,
            "version": 1,
        }
        for number, (series_id, title, status) in enumerate(new, start=1)
    )
    await writer.rows(resources, "resources", rows, len(new))


def _resources(library: Sequence[NewSeries]) -> Iterator[tuple[UUID | None, str, LibraryStatus]]:
    for title, status in OWN:
        yield None, title, status
    for place, series in enumerate(library):
        for kind, one_in in OF_SERIES:
            if place % one_in == 0:
                yield series.id, f"{kind}: {series.title}", LibraryStatus.ACTIVE
