"""The people of the demonstration: learners, some quiet and some inactive, and a user of each role."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from portal_api.domain.courses.identifiers import INDIVIDUAL, INTERNATIONAL, USI_CHARACTERS, unique_student_identifier
from portal_api.domain.learners import DeactivationReason
from portal_api.domain.roles import Role
from portal_api.ids import IdMaker
from portal_api.importers.days import Days
from portal_api.importers.demo_series import MADE_ON
from portal_api.importers.people import Inventor
from portal_api.importers.reporting import first_without_reports, middle_manager
from portal_api.importers.writing import Deactivation, NewLearner, NewUser, new_user

ADDED_ON = -730
"""The day on which the last learner was added: before anything that they did."""
REASONS = tuple(DeactivationReason)
NOTES = {
    DeactivationReason.OTHER: "On parental leave until further notice.",
    DeactivationReason.LEFT_ORGANISATION: "Last day was in the week before.",
}
REQUIREMENTS = {
    2: ("Uses a screen reader: please send captions and transcripts.", False),
    13: ("Needs longer breaks, on medical advice.", True),
}
"""What some of each thirty learners need, and whether that is private."""

IDENTIFIED = {3: INDIVIDUAL, 6: INTERNATIONAL, 8: None, 10: None}
"""Who of each twelve learners has no student identifier of their own: exempt, abroad, not given."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A learner, their place among all, and the last day on which they did anything."""

    learner: NewLearner
    place: int
    latest: int

    @property
    def has_signed_in(self) -> bool:
        return self.learner.first_signed_in_at is not None

    @property
    def was_withdrawn(self) -> bool:
        """Whether the deactivation withdrew all that was active."""
        return self.learner.deactivation is not None and self.place % 12 == 11


def invented_learners(seed: int, domain: str, count: int, ids: IdMaker, days: Days) -> Iterator[Participant]:
    """Learners, some of whom have never signed in and some of whom are inactive; those linked to users are neither."""
    inventor = Inventor(seed, domain)
    random = Random(seed + 2)
    linked = first_without_reports(count)
    for place in range(count):
        ref = f"L-{place + 1:05}"
        day = ADDED_ON - place % 90
        added = days.at(day, place % 10 + 8)
        signs_in = place <= linked or place % 7 != 3
        left = -1 - place % 5 if place > linked and place % 6 == 5 else None
        reason = REASONS[place // 6 % len(REASONS)]
        requirements, are_private = REQUIREMENTS.get(place % 30, (None, False))
        learner = NewLearner(
            id=ids(added),
            external_ref=ref,
            person=inventor.person(ref),
            created_at=added,
            first_signed_in_at=days.at(day + 1, place % 10 + 9) if signs_in else None,
            # Some were here in these days, others have been quiet for weeks.
            last_activity_at=days.at((left or 0) - 1 - place % 45, place % 10 + 9) if signs_in else None,
            deactivation=None if left is None else Deactivation(days.at(left, 10), reason, NOTES.get(reason)),
            special_requirements=requirements,
            special_requirements_are_private=are_private,
            student_identifier=_student_identifier(place, random),
        )
        yield Participant(learner, place, (left or 0) - 1)


def _student_identifier(place: int, random: Random) -> str | None:
    """Most have an identifier; some stand for a word, and some have not given any."""
    if place % 12 in IDENTIFIED:
        return IDENTIFIED[place % 12]
    return unique_student_identifier("".join(random.choices(USI_CHARACTERS, k=9)))


def invented_users(
    ref: str, seed: int, domain: str, made: Sequence[NewLearner], ids: IdMaker, days: Days
) -> list[NewUser]:
    """A user of each role; the Owner, the Manager and the Learner are learners too."""
    linked = {
        Role.OWNER: made[0],
        Role.MANAGER: made[middle_manager(len(made))],
        Role.LEARNER: made[first_without_reports(len(made))],
    }
    inventor = Inventor(seed + 1, domain)
    return [new_user(ref, role, linked.get(role), inventor, ids, days.at(MADE_ON)) for role in Role]
