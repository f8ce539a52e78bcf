"""The mutations of units of course enrolments."""

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.models import unit_enrolments
from tests.api.cases.course_enrolments import finalised, of_inactive
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase
from tests.client import Json
from tests.factories import Organisation, Record


def _taught(made: Organisation) -> Record:
    """An enrolment in an offer that the Trainer trains in."""
    return made.course_enrolment(made.learner(), made.course_offer(made.course(), made.staff[Role.TRAINER]))


def _outcome(unit: Record) -> Json:
    return {"units": [{"id": unit.gid, "outcome": "20", "actualHours": 38}]}


def _adding(made: Organisation, enrolment: Record) -> Json:
    return {"courseEnrolmentId": enrolment.gid, "units": [{"unitId": made.unit().gid}]}


MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="updateUnitEnrolments",
        roles=ADMINISTRATORS | {Role.TRAINER},
        changes=lambda made: _outcome(made.unit_enrolment(_taught(made))),
        refuses=lambda made: _outcome(made.unit_enrolment(finalised(made), outcome=Outcome.WITHDRAWN, hours=12)),
        refusal=("ALREADY_FINALISED",),
        action=HistoryAction.UNIT_ENROLMENT_UPDATED,
        subject=SubjectKind.UNIT_ENROLMENT,
        moves=(None, "20"),
        changed_fields=("actualHours", "outcome"),
    ),
    MutationCase(
        mutation="reportUnitEnrolments",
        table=unit_enrolments,
        roles=ADMINISTRATORS,
        changes=lambda made: made.unit_enrolment(made.course_enrolment(made.learner()), outcome=Outcome.COMPETENT),
        refuses=lambda made: made.unit_enrolment(of_inactive(made), outcome=Outcome.COMPETENT),
        refusal=("LEARNER_INACTIVE",),
        input={},
        other_inputs=(),
        action=HistoryAction.UNIT_ENROLMENT_REPORTED,
        subject=SubjectKind.UNIT_ENROLMENT,
        status="outcome",
        moves=("20", "20"),
        changed_fields=("reportedAt",),
        again="UNCHANGED",
    ),
    CallCase(
        mutation="addUnitEnrolments",
        roles=ADMINISTRATORS,
        changes=lambda made: _adding(made, made.course_enrolment(made.learner())),
        refuses=lambda made: _adding(made, of_inactive(made)),
        refusal=("LEARNER_INACTIVE",),
        action=HistoryAction.UNIT_ENROLMENT_CREATED,
        subject=SubjectKind.UNIT_ENROLMENT,
        moves=(None, None),
    ),
)
