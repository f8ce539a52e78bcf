"""`simulateLearncycle` where it comes to nothing, in plain Python: refused, or of a learncycle that is not there."""

import re
from datetime import datetime, timedelta
from typing import Any

from tests.oracle.engine import MOST_AT_ROOT, Asking, key_of, refuse

LONGEST = timedelta(days=366)


def simulate_learncycle(
    _: Any, info: Any, id: str, since: str, until: str, first: int, after: str | None = None
) -> None:
    """Answers `simulateLearncycle` for the learncycles that queries name here: none that there is."""
    asking: Asking = info.context
    if not asking.is_administrator:
        raise refuse("FORBIDDEN")
    key_of(id, "lcy")
    if not 1 <= first <= MOST_AT_ROOT:
        raise refuse("PAGE_INVALID")
    if after is not None and not re.fullmatch("[0-9]{1,9}", after):
        raise refuse("CURSOR_INVALID")
    begins, ends = datetime.fromisoformat(since), datetime.fromisoformat(until)
    if not begins < ends <= min(begins + LONGEST, asking.now):
        raise refuse("INVALID_DATES")
