"""What happens to pathways and the enrolments in them."""

from portal_api.services.pathways.enrolments import (
    advance,
    causes_of_owned,
    enrol,
    settle_due,
    withdraw_enrolments,
    withdraw_rows,
)
from portal_api.services.pathways.library import PathwayInput, create, reinstate, retire, update

__all__ = [
    "PathwayInput",
    "advance",
    "causes_of_owned",
    "create",
    "enrol",
    "reinstate",
    "retire",
    "settle_due",
    "update",
    "withdraw_enrolments",
    "withdraw_rows",
]
