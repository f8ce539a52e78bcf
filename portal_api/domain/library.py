"""What an organisation keeps on its shelves (series, pathways, resources, groups): in use, or retired (a reading)."""

from enum import StrEnum

from portal_api.domain.machine import Cell, StatusMeaning


class LibraryStatus(StrEnum):
    """Whether something is in use."""

    ACTIVE = "active"
    RETIRED = "retired"


def meanings(active: str, retired: str) -> dict[LibraryStatus, StatusMeaning]:
    """The two statuses, with what they mean for one noun."""
    return {
        LibraryStatus.ACTIVE: StatusMeaning("Active", active),
        LibraryStatus.RETIRED: StatusMeaning("Retired", retired, is_ended=True),
    }


WHILE_ACTIVE = {LibraryStatus.ACTIVE: Cell("reading", is_reading=True)}
RETIRING = {LibraryStatus.ACTIVE: Cell("reading", to=LibraryStatus.RETIRED, is_reading=True)}
REINSTATING = {LibraryStatus.RETIRED: Cell("reading", to=LibraryStatus.ACTIVE, is_reading=True)}
