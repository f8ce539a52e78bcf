"""The courses of the demonstration with their units, the offers of each, and the reasons for statuses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from portal_api.domain.library import LibraryStatus
from portal_api.ids import IdMaker
from portal_api.importers.days import Days
from portal_api.importers.demo_series import MADE_ON
from portal_api.importers.writing import Writer
from portal_api.importers.writing_courses import (
    NewCourse,
    NewOffer,
    NewReason,
    NewUnit,
    write_courses,
    write_reasons,
)


class When(Enum):
    """When an offer is: its name, its first day and its last, counted from today."""

    OVER = ("last intake", -330, -150)
    RUNNING = ("this intake", -100, 80)
    AHEAD = ("next intake", 20, 200)

    @property
    def starts(self) -> int:
        return self.value[1]

    @property
    def ends(self) -> int:
        return self.value[2]


class Programme(Enum):
    """What the demonstration trains for: title, program identifier, and the titles of the units."""

    OLD_SUPPORT = (
        "Certificate III in Individual Support (before the reform)",
        "WSC30115",
        ("Provide individual support", "Work safely", "Communicate at work", "Support independence"),
    )
    SUPPORT = (
        "Certificate III in Individual Support",
        "WSC30121",
        ("Provide person-centred support", "Follow safe practices", "Work with diverse people", "Support independence"),
    )
    COOKERY = (
        "Certificate III in Commercial Cookery",
        "WSC30821",
        ("Prepare dishes", "Use hygienic practices", "Plan menus", "Work as a cook"),
    )
    FIRST_AID = ("First aid, yearly renewal", "WSC00011", ("Provide first aid",))
    TYPING = ("Certificate II in Typing", "WSC20104", ("Operate a typewriter",))

    @property
    def title(self) -> str:
        return self.value[0]

    @property
    def identifier(self) -> str:
        return self.value[1]

    @property
    def units(self) -> tuple[str, ...]:
        return self.value[2]


SUPERSEDED_BY = {Programme.OLD_SUPPORT: Programme.SUPPORT}
RETIRED = Programme.TYPING
"""Its only offer is over, and nobody was in it."""
WITH_COMMITMENT = frozenset({Programme.OLD_SUPPORT, Programme.SUPPORT})
OFFERED: Mapping[Programme, tuple[When, ...]] = {
    Programme.SUPPORT: (When.OVER, When.RUNNING, When.AHEAD),
    Programme.OLD_SUPPORT: (When.OVER, When.RUNNING),
    Programme.COOKERY: (When.OVER, When.RUNNING, When.AHEAD),
    Programme.FIRST_AID: (When.OVER, When.RUNNING, When.AHEAD),
    RETIRED: (When.OVER,),
}
"""In this order they are written: a course comes before the one that it supersedes."""
TRAINED = frozenset({Programme.SUPPORT, Programme.OLD_SUPPORT, Programme.FIRST_AID})
"""Those in whose running offers the Trainer trains."""
SCHEDULED_HOURS = 60


class Offer(NamedTuple):
    """What an offer is of, and when it is."""

    programme: Programme
    when: When


class Reason(Enum):
    """The reasons for statuses, by their titles."""

    ENQUIRED = "Asked for a prospectus"
    APPLIED = "Application received"
    FINISHED = "All units finished"
    PAPERS = "Papers outstanding"
    MOVED = "Moved away"
    HEALTH = "Health"
    WORK = "Changed jobs"
    PLACE = "No place left"
    MISTAKE = "Finalised by mistake"
    FEES = "Fees (before the reform)"


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """An offer as it was written."""

    key: Offer
    new: NewOffer


@dataclass(frozen=True, slots=True)
class CourseLibrary:
    """The offers and the reasons of an organisation, as they were written."""

    offers: Mapping[Offer, MadeOffer]
    reasons: Mapping[Reason, UUID]

    def course_of(self, programme: Programme) -> UUID:
        """The course of a programme that is offered."""
        return next(made.new.course.id for key, made in self.offers.items() if key.programme is programme)


async def write_course_library(writer: Writer, trainer_id: UUID, ids: IdMaker, days: Days) -> CourseLibrary:
    """Writes the courses, their units and offers, and the reasons for statuses; the Trainer comes first."""
    courses = _courses(ids, days)
    offers = {
        key: MadeOffer(key, _offer(key, courses[programme], trainer_id, ids, days))
        for programme, times in OFFERED.items()
        for when in times
        for key in (Offer(programme, when),)
    }
    await write_courses(writer, list(courses.values()), [each.new for each in offers.values()])
    made_at = days.at(MADE_ON, 10)
    reasons = {each: NewReason(ids(made_at), each.value, made_at, _status(each is Reason.FEES)) for each in Reason}
    await write_reasons(writer, list(reasons.values()))
    return CourseLibrary(offers, {each: made.id for each, made in reasons.items()})


def _status(is_retired: bool) -> LibraryStatus:
    return LibraryStatus.RETIRED if is_retired else LibraryStatus.ACTIVE


def _courses(ids: IdMaker, days: Days) -> dict[Programme, NewCourse]:
    made_at = days.at(MADE_ON, 9)
    courses: dict[Programme, NewCourse] = {}
    for programme in OFFERED:
        successor = SUPERSEDED_BY.get(programme)
        status = _status(programme is RETIRED)
        courses[programme] = NewCourse(
            id=ids(made_at),
            external_ref=f"C-{programme.identifier}",
            title=programme.title,
            program_identifier=programme.identifier,
            units=_units(programme, courses[successor].units if successor else (), ids, days),
            created_at=made_at,
            superseded_by=courses[successor].id if successor else None,
            status=status,
        )
    return courses


def _units(programme: Programme, of_successor: Sequence[NewUnit], ids: IdMaker, days: Days) -> tuple[NewUnit, ...]:
    """The units; one that its successor has under the same title is the same one."""
    made_at = days.at(MADE_ON, 8)
    shared = {unit.title: unit for unit in of_successor}
    return tuple(
        shared.get(title)
        or NewUnit(
            id=ids(made_at),
            identifier=f"{programme.identifier}{number:02}",
            title=title,
            scheduled_hours=SCHEDULED_HOURS,
            created_at=made_at,
            status=_status(programme is RETIRED),
        )
        for number, title in enumerate(programme.units, start=1)
    )


def _offer(key: Offer, course: NewCourse, trainer_id: UUID, ids: IdMaker, days: Days) -> NewOffer:
    programme, when = key
    made_at = days.at(MADE_ON, 11)
    is_trained = when is When.RUNNING and programme in TRAINED
    return NewOffer(
        id=ids(made_at),
        external_ref=f"O-{programme.identifier}-{when.name}",
        course=course,
        title=f"{programme.title}, {when.value[0]}",
        starts_on=days.on(when.starts),
        ends_on=days.on(when.ends),
        created_at=made_at,
        trainer_ids=(trainer_id,) if is_trained else (),
        needs_commitment=programme in WITH_COMMITMENT,
        status=_status(programme is RETIRED),
    )
