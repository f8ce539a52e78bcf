"""Who the numbers of the Open University Learning Analytics Dataset are: invented people, the same in each import."""

from collections import Counter
from collections.abc import Mapping

from portal_api.domain.roles import Role
from portal_api.ids import IdMaker
from portal_api.importers.days import Days
from portal_api.importers.oulad_files import Code, Records
from portal_api.importers.people import Inventor
from portal_api.importers.reporting import first_without_reports, middle_manager
from portal_api.importers.writing import NewLearner, NewUser, new_user

TIME_ZONE = "Europe/London"
DOMAIN = "learners.oulad.example"
SEED = 20_170_171


def first_days(records: Records, starts: Mapping[Code, int]) -> dict[Code, int]:
    """The day on which what is offered is made: that of the first registration in it, or its start."""
    first = dict(starts)
    for registration in records.registrations:
        enrolled = starts[registration.code] + registration.day
        first[registration.code] = min(first[registration.code], enrolled)
    return first


def hour_of(number: str) -> int:
    """An hour of the working day that is a learner's own."""
    return 8 + int(number) % 10


def invented_learners(
    records: Records, starts: Mapping[Code, int], ids: IdMaker, days: Days, *, student_identifier: str | None = None
) -> dict[str, NewLearner]:
    """The learners by number, each added at their first registration.

    Args:
        records: what the files hold.
        starts: the day on which each presentation starts.
        ids: makes their identifiers.
        days: the days of the organisation.
        student_identifier: how all of them are reported.
    """
    first: dict[str, int] = {}
    for registration in records.registrations:
        enrolled = starts[registration.code] + registration.day
        first[registration.number] = min(enrolled, first.get(registration.number, enrolled))
    inventor = Inventor(SEED, DOMAIN)
    learners_by_number: dict[str, NewLearner] = {}
    for number, day in first.items():
        added = days.at(day, hour_of(number))
        learners_by_number[number] = NewLearner(
            id=ids(added),
            external_ref=number,
            person=inventor.person(number),
            created_at=added,
            first_signed_in_at=added,
            last_activity_at=added,
            student_identifier=student_identifier,
        )
    return learners_by_number


def invented_users(
    organisation_ref: str, records: Records, imported: list[NewLearner], ids: IdMaker, days: Days
) -> list[NewUser]:
    """A user of each role; the Manager is a learner with reports, the Learner the one with the most enrolments."""
    enrolments = Counter(registration.number for registration in records.registrations)
    without_reports = imported[first_without_reports(len(imported)) :]
    linked = {
        Role.MANAGER: imported[middle_manager(len(imported))],
        Role.LEARNER: max(without_reports, key=lambda learner: enrolments[learner.external_ref]),
    }
    inventor = Inventor(SEED + 1, DOMAIN)
    return [new_user(organisation_ref, role, linked.get(role), inventor, ids, days.at(0)) for role in Role]
