"""What decides over a learner's certification, gathered from five tables by one subquery."""

from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import FromClause, ScalarSelect, and_, exists, select

from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificationVersionStatus,
    Cycle,
    FeeDue,
    FeeStatus,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.models import (
    approvals,
    assignment_sources,
    certification_cycles,
    certification_versions,
    certifications,
    learner_certifications,
    learners,
)
from portal_api.queries import scope
from portal_api.queries.rows import RowAsJson
from portal_api.queries.time import status_now

_learner, _certification = learners.alias("certified_learner"), certifications.alias("certified_in")
CYCLE, VERSION = certification_cycles.alias("open_cycle"), certification_versions.alias("open_version")
_published, _by_hand = certification_versions.alias("published_version"), assignment_sources.alias("source_by_hand")
_asked = approvals.alias("attempts_asked_for")


def gathered(rows: FromClause) -> RowAsJson:
    """The facts of rows of learners' certifications, as one text; `facts_of` reads it."""
    return RowAsJson(
        status_now(LEARNER_CERTIFICATIONS, rows),
        _learner.c.status == LearnerStatus.ACTIVE,
        _learner.c.has_app_access,
        rows.c.learner_id == scope.VIEWER_LEARNER,
        rows.c.archived_at.is_not(None),
        _certification.c.status == LibraryStatus.ACTIVE,
        exists()
        .where(
            _published.c.organisation_id == rows.c.organisation_id,
            _published.c.certification_id == rows.c.certification_id,
            _published.c.status == CertificationVersionStatus.PUBLISHED,
        )
        .correlate(rows),
        exists()
        .where(
            _by_hand.c.organisation_id == rows.c.organisation_id,
            _by_hand.c.learner_certification_id == rows.c.id,
            _by_hand.c.kind == AssignmentSourceKind.MANUAL,
            _by_hand.c.ended_at.is_(None),
        )
        .correlate(rows),
        rows.c.certified_at.is_not(None),
        rows.c.window_opens_at <= scope.NOW,
        exists()
        .where(
            _asked.c.organisation_id == rows.c.organisation_id,
            _asked.c.learner_certification_id == rows.c.id,
            _asked.c.certification_cycle_id == CYCLE.c.id,
            _asked.c.kind == ApprovalKind.MORE_ATTEMPTS,
            _asked.c.status == ApprovalStatus.PENDING,
        )
        .correlate(rows, CYCLE),
        CYCLE.c.is_recertification,
        CYCLE.c.started_at.is_not(None),
        CYCLE.c.fee_status,
        VERSION.c.fee_due,
        CYCLE.c.steps_open,
        CYCLE.c.steps_waiting,
        CYCLE.c.attempts_used,
        VERSION.c.attempt_limit + CYCLE.c.attempts_granted,
        CYCLE.c.has_attempt_open,
        CYCLE.c.is_exam_waiting,
        CYCLE.c.exam_passed_at.is_not(None),
        CYCLE.c.is_exam_overridden,
        VERSION.c.allows_exam_before_training,
    )


def with_facts(rows: FromClause) -> FromClause:
    """Rows of learners' certifications, and beside them all that `gathered` reads."""
    own = and_(_learner.c.organisation_id == rows.c.organisation_id, _learner.c.id == rows.c.learner_id)
    return _beside(rows, rows.join(_learner, own))


def _beside(rows: FromClause, begun: FromClause) -> FromClause:
    """What begins with the learner; then the certification, and the cycle that is open with its version, if one is."""
    return (
        begun.join(
            _certification,
            and_(
                _certification.c.organisation_id == _learner.c.organisation_id,
                _certification.c.id == rows.c.certification_id,
            ),
        )
        .outerjoin(
            CYCLE,
            and_(
                CYCLE.c.organisation_id == _learner.c.organisation_id,
                CYCLE.c.learner_certification_id == rows.c.id,
                CYCLE.c.closed_at.is_(None),
            ),
        )
        .outerjoin(
            VERSION,
            and_(
                VERSION.c.organisation_id == CYCLE.c.organisation_id,
                VERSION.c.id == CYCLE.c.certification_version_id,
            ),
        )
    )


FACTS = (
    select(gathered(learner_certifications))
    .select_from(_beside(learner_certifications, _learner))
    .where(
        _learner.c.organisation_id == learner_certifications.c.organisation_id,
        _learner.c.id == learner_certifications.c.learner_id,
    )
    .correlate(learner_certifications)
    .scalar_subquery()
)
"""Of a learner's certification."""


def facts_beside(table: FromClause) -> ScalarSelect[Any]:
    """The facts of the learner's certification that the rows of a table hang on."""
    whole = learner_certifications.alias("whole_of_it")
    return (
        select(gathered(whole))
        .select_from(with_facts(whole))
        .where(whole.c.organisation_id == table.c.organisation_id, whole.c.id == table.c.learner_certification_id)
        .correlate(table)
        .scalar_subquery()
    )


@lru_cache(1_024)  # the rows of one call mostly have them in common
def facts_of(gathered: str) -> LearnerCertificationFacts:
    """The facts in a text that was gathered."""
    values = orjson.loads(gathered)
    status, is_active, has_app_access, is_own, is_archived, in_use, published, by_hand = values[:8]
    certified, in_window, has_asked, *cycle = values[8:]
    return LearnerCertificationFacts(
        LearnerCertificationStatus(status),
        learner_is_active=bool(is_active),
        has_app_access=bool(has_app_access),
        is_own_record=bool(is_own),
        is_archived=bool(is_archived),
        is_certification_active=bool(in_use),
        has_published_version=bool(published),
        has_manual_source=bool(by_hand),
        was_certified=bool(certified),
        is_window_open=bool(in_window),
        has_attempts_request=bool(has_asked),
        cycle=_cycle_of(*cycle),
    )


def _cycle_of(
    is_recertification: Any,
    is_started: Any,
    fee: str | None,
    fee_due: str,
    steps_open: int,
    steps_waiting: int,
    attempts_used: int,
    attempts_allowed: int | None,
    has_attempt_open: Any,
    is_exam_waiting: Any,
    is_exam_passed: Any,
    is_exam_overridden: Any,
    before_training: Any,
) -> Cycle:
    """The open cycle, or one of which nothing is known. A database may write yes and no as 1 and 0."""
    if fee is None:
        return Cycle()
    return Cycle(
        is_recertification=bool(is_recertification),
        is_started=bool(is_started),
        fee=FeeStatus(fee),
        fee_due=FeeDue(fee_due),
        steps_open=steps_open,
        steps_waiting=steps_waiting,
        attempts_used=attempts_used,
        attempts_allowed=attempts_allowed,
        has_attempt_open=bool(has_attempt_open),
        is_exam_waiting=bool(is_exam_waiting),
        is_exam_passed=bool(is_exam_passed),
        is_exam_overridden=bool(is_exam_overridden),
        allows_exam_before_training=bool(before_training),
    )
