"""The courses, units, offers and status reasons of the scene, in use and retired, and who sees them."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal_api.domain.roles import ADMINISTRATORS, Role
from tests.factories import Organisation, Record


@dataclass(frozen=True)
class Training:
    """One of each, and one of each that is retired; nobody is enrolled, and the first Trainer trains in the offer."""

    course: Record
    retired_course: Record
    unit: Record
    retired_unit: Record
    offer: Record
    retired_offer: Record
    reason: Record
    retired_reason: Record


def lay_out_training(made: Organisation) -> Training:
    """Lays them out."""
    unit = made.unit()
    course = made.course(unit)
    return Training(
        course=course,
        retired_course=made.course(is_active=False),
        unit=unit,
        retired_unit=made.unit(is_active=False),
        offer=made.course_offer(course, made.staff[Role.TRAINER]),
        retired_offer=made.course_offer(course, is_active=False),
        reason=made.status_reason(),
        retired_reason=made.status_reason(is_active=False),
    )


def training_seen(training: Training, role: Role) -> Iterator[str]:
    """The identifiers of those that a role sees."""
    for each in (training.course, training.unit, training.offer):
        if role is not Role.LEARNER:
            yield each.gid
    for each in (training.retired_course, training.retired_unit, training.retired_offer):
        if role in ADMINISTRATORS:
            yield each.gid
    for each in (training.reason, training.retired_reason):
        if role is not Role.INTEGRATION:
            yield each.gid
