"""Learncycles as records: off when they are made, on when an Owner switches them on (readings beside S1)."""

from enum import StrEnum

from portal_api.domain.machine import Cell, RecordFacts, Rule, StatusMeaning, Table
from portal_api.domain.roles import Role

_OWNER = (Role.OWNER,)


class LearncycleStatus(StrEnum):
    """Whether a learncycle fires."""

    OFF = "off"
    ON = "on"
    RETIRED = "retired"


class LearncycleAction(StrEnum):
    """What can be done to a learncycle."""

    UPDATE = "update"
    SWITCH_ON = "switch_on"
    SWITCH_OFF = "switch_off"
    RETIRE = "retire"
    REINSTATE = "reinstate"


class RunOutcome(StrEnum):
    """What became of one action of a learncycle."""

    FIRED = "fired"
    SKIPPED = "skipped"
    LOOP_STOPPED = "loop_stopped"


class _Reading(StrEnum):
    """What can be asked of a learncycle beside its record."""

    SIMULATE = "simulate"


_S = LearncycleStatus
_READING = Cell("reading", is_reading=True)


def _to(status: LearncycleStatus) -> Cell:
    return Cell("reading", to=status, is_reading=True)


LEARNCYCLES = Table[LearncycleStatus, LearncycleAction, RecordFacts[LearncycleStatus]](
    kind="learncycle",
    statuses={
        _S.OFF: StatusMeaning("Off", "Does nothing. Every new learncycle is off."),
        _S.ON: StatusMeaning("On", "Fires for what happens from the instant on at which it was switched on."),
        _S.RETIRED: StatusMeaning("Retired", "Put away; its runs are kept.", is_ended=True),
    },
    rules=(
        Rule(LearncycleAction.UPDATE, "Changing a learncycle", _OWNER, {_S.OFF: _READING}, needs_active_learner=False),
        Rule(
            LearncycleAction.SWITCH_ON,
            "Switching a learncycle on",
            _OWNER,
            {_S.OFF: _to(_S.ON)},
            needs_active_learner=False,
        ),
        Rule(
            LearncycleAction.SWITCH_OFF,
            "Switching a learncycle off",
            _OWNER,
            {_S.ON: _to(_S.OFF)},
            needs_active_learner=False,
        ),
        Rule(
            LearncycleAction.RETIRE,
            "Retiring a learncycle",
            _OWNER,
            {_S.OFF: _to(_S.RETIRED), _S.ON: _to(_S.RETIRED)},
            needs_active_learner=False,
        ),
        Rule(
            LearncycleAction.REINSTATE,
            "Reinstating a learncycle",
            _OWNER,
            {_S.RETIRED: _to(_S.OFF)},
            needs_active_learner=False,
        ),
    ),
)

SIMULATING: Rule[LearncycleStatus, _Reading, RecordFacts[LearncycleStatus]] = Rule(
    _Reading.SIMULATE,
    "Simulating a learncycle",
    (Role.OWNER, Role.ADMIN),
    dict.fromkeys(LearncycleStatus, _READING),
    needs_active_learner=False,
)
"""Who may ask what a learncycle would have done (a reading): whoever may read it."""
