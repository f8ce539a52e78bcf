"""The mutations of offers of courses."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.models import course_offers
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase

MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="createCourseOffers",
        roles=ADMINISTRATORS,
        changes=lambda made: {"offers": [{"courseId": made.course().gid, "title": "Winter"}]},
        refuses=lambda made: {"offers": [{"courseId": made.course(is_active=False).gid, "title": "Winter"}]},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.COURSE_OFFER_CREATED,
        subject=SubjectKind.COURSE_OFFER,
        moves=(None, "ACTIVE"),
    ),
    CallCase(
        mutation="updateCourseOffer",
        table=course_offers,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.course_offer(made.course()).gid, "title": "Called otherwise"},
        refuses=lambda made: {"id": made.course_offer(made.course(), is_active=False).gid, "title": "Called otherwise"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.COURSE_OFFER_UPDATED,
        subject=SubjectKind.COURSE_OFFER,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("title",),
    ),
    CallCase(
        mutation="setCourseOfferTrainers",
        table=course_offers,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.course_offer(made.course()).gid, "trainerIds": [made.staff[Role.TRAINER].gid]},
        refuses=lambda made: {"id": made.course_offer(made.course()).gid, "trainerIds": [made.staff[Role.MANAGER].gid]},
        refusal=("NOT_A_TRAINER",),
        action=HistoryAction.COURSE_OFFER_TRAINERS_SET,
        subject=SubjectKind.COURSE_OFFER,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("trainers",),
    ),
    MutationCase(
        mutation="retireCourseOffers",
        table=course_offers,
        roles=ADMINISTRATORS,
        changes=lambda made: made.course_offer(made.course()),
        refuses=lambda made: made.course_offer(made.course(), is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.COURSE_OFFER_RETIRED,
        subject=SubjectKind.COURSE_OFFER,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateCourseOffers",
        table=course_offers,
        roles=ADMINISTRATORS,
        changes=lambda made: made.course_offer(made.course(), is_active=False),
        refuses=lambda made: made.course_offer(made.course()),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.COURSE_OFFER_REINSTATED,
        subject=SubjectKind.COURSE_OFFER,
        moves=("RETIRED", "ACTIVE"),
    ),
)
