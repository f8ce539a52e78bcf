"""A small table of its own, with all that a table can have, to test the machine by."""

from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.machine import Cell, ClockMove, Footnote, Narrowing, Rule, StatusMeaning, Table
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.roles import Role


class LampStatus(StrEnum):
    DARK = "dark"
    DIM = "dim"
    BRIGHT = "bright"
    BROKEN = "broken"


class LampAction(StrEnum):
    SWITCH = "switch"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class LampFacts:
    status: LampStatus
    learner_is_active: bool = True
    has_bulb: bool = True
    has_power: bool = True


NO_BULB = PlainError(ErrorCode.INPUT_INVALID, "There is no bulb. Put one in.")
NO_POWER = PlainError(ErrorCode.BUSY, "There is no power. Wait for it.")


def bulb(facts: LampFacts) -> Reason | None:
    return None if facts.has_bulb else NO_BULB


def power(facts: LampFacts) -> Reason | None:
    return None if facts.has_power else NO_POWER


LAMPS = Table[LampStatus, LampAction, LampFacts](
    kind="lamp",
    statuses={status: StatusMeaning(status.name.title(), f"It is {status}.") for status in LampStatus},
    rules=(
        Rule(
            action=LampAction.SWITCH,
            label="Switching",
            roles=(Role.OWNER, Role.TRAINER, Role.LEARNER),
            cells={LampStatus.DARK: Cell("here"), LampStatus.BRIGHT: Cell("here", to=LampStatus.DARK)},
            footnotes=(Footnote("there is a bulb", bulb), Footnote("there is power", power)),
        ),
        Rule(
            action=LampAction.MEND,
            label="Mending",
            roles=(Role.OWNER, Role.TRAINER),
            cells={LampStatus.BROKEN: Cell("here", to=LampStatus.DARK, is_reading=True)},
            narrowing=Narrowing(
                "less with power", lambda facts: (Role.OWNER,) if facts.has_power else (Role.OWNER, Role.TRAINER)
            ),
            needs_active_learner=False,
        ),
    ),
    clock=(
        ClockMove(LampStatus.DARK, "dusk_at", LampStatus.DIM, "here"),
        ClockMove(LampStatus.DIM, "night_at", LampStatus.BRIGHT, "here", when=("is_outside", True)),
        ClockMove(LampStatus.DIM, "worn_at", LampStatus.BROKEN, "here", when=("is_outside", False)),
        ClockMove(LampStatus.BRIGHT, "worn_at", LampStatus.BROKEN, "here"),
    ),
)
