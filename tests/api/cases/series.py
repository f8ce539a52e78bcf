"""The mutations of the library of series."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import series
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase

MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="createSeries",
        roles=ADMINISTRATORS,
        changes=lambda made: {"series": [{"title": "Fire", "type": "BURST", "duration": "FIXED", "durationDays": 3}]},
        refuses=lambda made: {"series": [{"title": "Fire", "type": "BURST", "duration": "FIXED"}]},
        refusal=("INPUT_INVALID",),
        action=HistoryAction.SERIES_CREATED,
        subject=SubjectKind.SERIES,
        moves=(None, "ACTIVE"),
    ),
    CallCase(
        mutation="updateSeries",
        table=series,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.series().gid, "title": "Called otherwise"},
        refuses=lambda made: {"id": made.series(is_active=False).gid, "title": "Called otherwise"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.SERIES_UPDATED,
        subject=SubjectKind.SERIES,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("title",),
    ),
    MutationCase(
        mutation="retireSeries",
        table=series,
        roles=ADMINISTRATORS,
        changes=lambda made: made.series(),
        refuses=lambda made: made.series(is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.SERIES_RETIRED,
        subject=SubjectKind.SERIES,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateSeries",
        table=series,
        roles=ADMINISTRATORS,
        changes=lambda made: made.series(is_active=False),
        refuses=lambda made: made.series(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.SERIES_REINSTATED,
        subject=SubjectKind.SERIES,
        moves=("RETIRED", "ACTIVE"),
    ),
)
