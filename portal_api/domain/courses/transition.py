"""Moving from a superseded qualification to the one that replaced it (S2 Outcome Codes, 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from portal_api.domain.courses.finalising import of_unit
from portal_api.domain.courses.units import Unit
from portal_api.domain.refusals import ErrorCode, PlainError, Reason


@dataclass(frozen=True, slots=True)
class ProgramUnit:
    """A unit in an enrolment, with the program that it is reported under."""

    unit: Unit
    program: str
    is_reported: bool


@dataclass(frozen=True, slots=True)
class Transition:
    """What a transition comes to."""

    renamed: tuple[str, ...] = ()
    """The units that take the new program."""
    needs_commitment: bool = False
    """Whether the old commitment is cancelled, and a new one takes its place."""
    problems: tuple[Reason, ...] = field(default=())


def transition(
    units: Mapping[str, ProgramUnit],
    program: str,
    today: date,
    *,
    commitment: str | None,
    former: str | None,
    is_done: bool = False,
) -> Transition:
    """Works out what becomes of each unit.

    If nothing was reported, all units take the new program under a new commitment, before training in it has begun; if
    something was, final units keep the old program, and what is open takes the new one. Asked for again, it brings no other
    commitment: the one that was cancelled is kept, and training goes on.

    Args:
        units: the units as they are, by their identifiers.
        program: the program of the qualification that has taken the other's place.
        today: the organisation's day.
        commitment: the new commitment, if one is given.
        former: the one that the enrolment has.
        is_done: whether the enrolment has moved on to this qualification before.

    Returns:
        The units that take the new program, or everything that stands in the way.
    """
    if any(each.is_reported for each in units.values()):
        renamed = (id_ for id_, each in units.items() if not each.unit.is_final and each.program != program)
        return Transition(tuple(renamed))
    if is_done:
        if commitment not in (None, former):
            return Transition(problems=(_done(former),))
        return Transition(tuple(id_ for id_, each in units.items() if each.program != program))
    problems: list[Reason] = []
    if commitment is None or commitment == former:
        message = "Nothing was reported yet: the commitment is cancelled. Give the new one as `commitmentId`."
        problems.append(PlainError(ErrorCode.COMMITMENT_MISSING, message))
    problems += [
        of_unit(
            PlainError(
                ErrorCode.TRAINING_STARTED,
                f"Training in the new qualification began on {each.unit.starts_on}, before its commitment was made. "
                "Report the unit under the old one first, or give it a start ahead.",
            ),
            id_,
        )
        for id_, each in units.items()
        if each.program == program and each.unit.has_commenced(today)
    ]
    if problems:
        return Transition(problems=tuple(problems))
    return Transition(tuple(id_ for id_, each in units.items() if each.program != program), needs_commitment=True)


def _done(commitment: str | None) -> Reason:
    return PlainError(
        ErrorCode.ALREADY_TRANSITIONED,
        f"The enrolment has moved on already, under the commitment {commitment}. Change that one by itself if it is wrong.",
    )
