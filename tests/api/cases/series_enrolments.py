"""The mutations of enrolments in series."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import series_enrolments
from tests.api.cases.shapes import ADMINISTRATORS, RECORDERS, CallCase, MutationCase
from tests.client import Json
from tests.factories import Record


def _three_of_five(enrolment: Record) -> Json:
    return {"enrolmentId": enrolment.gid, "questionsAnswered": 5, "questionsCorrect": 3}


MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="enrolInSeries",
        roles=ADMINISTRATORS,
        changes=lambda made: {"seriesId": made.series().gid, "learnerIds": [made.learner().gid]},
        refuses=lambda made: {"seriesId": made.series().gid, "learnerIds": [made.learner(is_active=False).gid]},
        refusal=("LEARNER_INACTIVE",),
        action=HistoryAction.SERIES_ENROLMENT_CREATED,
        subject=SubjectKind.SERIES_ENROLMENT,
        moves=(None, "NO_ATTEMPTS"),
    ),
    CallCase(
        mutation="extendSeriesEnrolments",
        roles=ADMINISTRATORS,
        changes=lambda made: {
            "ids": [made.enrolment(made.learner(), made.series()).gid],
            "endsAt": "2026-12-01T00:00:00Z",
        },
        refuses=lambda made: {
            "ids": [made.enrolment(made.learner(), made.series(), SeriesEnrolmentStatus.INCOMPLETE).gid],
            "endsAt": "2026-12-01T00:00:00Z",
        },
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.SERIES_ENROLMENT_EXTENDED,
        subject=SubjectKind.SERIES_ENROLMENT,
        moves=("IN_PROGRESS", "IN_PROGRESS"),
        changed_fields=("endsAt",),
    ),
    CallCase(
        mutation="recordSeriesActivity",
        roles=RECORDERS,
        changes=lambda made: {"activities": [_three_of_five(made.enrolment(made.learner(), made.series()))]},
        refuses=lambda made: {
            "activities": [
                _three_of_five(made.enrolment(made.learner(), made.series(), SeriesEnrolmentStatus.WAITING_TO_START))
            ]
        },
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.SERIES_ENROLMENT_ANSWERED,
        subject=SubjectKind.SERIES_ENROLMENT,
        moves=("IN_PROGRESS", "IN_PROGRESS"),
    ),
    MutationCase(
        mutation="withdrawSeriesEnrolments",
        table=series_enrolments,
        roles=ADMINISTRATORS,
        changes=lambda made: made.enrolment(made.learner(), made.series()),
        refuses=lambda made: made.enrolment(made.learner(), made.series(), SeriesEnrolmentStatus.MASTERED),
        refusal=("STATUS_NOT_ALLOWED",),
        input={"reason": "ENROLMENT_ERROR", "note": "Wrong course"},
        other_inputs=({"reason": "USER_DEACTIVATED"}, {"note": "wrong course"}, {"note": None}),
        action=HistoryAction.SERIES_ENROLMENT_WITHDRAWN,
        subject=SubjectKind.SERIES_ENROLMENT,
        moves=("IN_PROGRESS", "WITHDRAWN"),
    ),
)
