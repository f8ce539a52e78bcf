"""What happens to series and the enrolments in them."""

from portal_api.services.series.enrolments import (
    open_enrolments,
    settle_due,
    settle_enrolments,
    withdraw_enrolments,
    withdraw_rows,
)

__all__ = ["open_enrolments", "settle_due", "settle_enrolments", "withdraw_enrolments", "withdraw_rows"]
