"""The history of the demonstration: what the administrator and the clock did before the day of the seeding."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentStatus
from portal_api.ids import IdMaker
from portal_api.importers.demo_series import TIMED_OUT
from portal_api.importers.writing import NewEnrolment, NewLearner
from portal_api.importers.writing_pathways import NewPathwayEnrolment
from portal_api.queries.history import Entry

_S = SeriesEnrolmentStatus
_P = PathwayEnrolmentStatus


@dataclass(frozen=True, slots=True)
class Chronicle:
    """Tells what the administrator and the clock did to the records before the day of the seeding."""

    organisation_id: UUID
    admin_id: UUID
    ids: IdMaker

    def deactivated(self, learner: NewLearner) -> Entry | None:
        """That a learner was set inactive."""
        if not learner.deactivation:
            return None
        return self.by_admin(
            HistoryAction.LEARNER_DEACTIVATED,
            (SubjectKind.LEARNER, learner.id),
            learner.id,
            (LearnerStatus.ACTIVE, LearnerStatus.INACTIVE),
            learner.deactivation.at,
            learner.deactivation.reason,
            learner.deactivation.note,
        )

    def pathway_moved(self, enrolment: NewPathwayEnrolment) -> Entry | None:
        """That an enrolment in a pathway was withdrawn, or that its time ran out."""
        subject = (SubjectKind.PATHWAY_ENROLMENT, enrolment.id)
        if enrolment.withdrawn_at:
            return self.by_admin(
                HistoryAction.PATHWAY_ENROLMENT_WITHDRAWN,
                subject,
                enrolment.learner_id,
                (_P.IN_PROGRESS, enrolment.status),
                enrolment.withdrawn_at,
                enrolment.withdrawal_reason,
                enrolment.withdrawal_note,
            )
        if enrolment.status is _P.INCOMPLETE:
            return self.by_clock(
                HistoryAction.PATHWAY_ENROLMENT_ENDED,
                subject,
                enrolment.learner_id,
                (_P.IN_PROGRESS, enrolment.status),
                enrolment.ends_at,
            )
        return None

    def moved(self, enrolment: NewEnrolment, causes: Mapping[UUID, UUID]) -> Entry | None:
        """That an enrolment was withdrawn, or that its time ran out.

        Args:
            enrolment: the enrolment.
            causes: the entry of each withdrawal of an enrolment in a pathway, which withdrew what belongs to it.
        """
        subject = (SubjectKind.SERIES_ENROLMENT, enrolment.id)
        if enrolment.withdrawn_at:
            before = _S.IN_PROGRESS if enrolment.has_signed_in else _S.NOT_SIGNED_IN
            return self.by_admin(
                HistoryAction.SERIES_ENROLMENT_WITHDRAWN,
                subject,
                enrolment.learner_id,
                (before, enrolment.status),
                enrolment.withdrawn_at,
                enrolment.withdrawal_reason,
                enrolment.withdrawal_note,
                causes[enrolment.pathway_enrolment_id] if enrolment.pathway_enrolment_id else None,
            )
        for move in SERIES_ENROLMENTS.clock:
            if move.to is enrolment.status and move.to in TIMED_OUT:
                return self.by_clock(
                    HistoryAction.SERIES_ENROLMENT_ENDED,
                    subject,
                    enrolment.learner_id,
                    (move.status, move.to),
                    enrolment.ends_at,
                )
        return None

    def by_admin(
        self,
        action: HistoryAction,
        subject: tuple[SubjectKind, UUID],
        learner_id: UUID | None,
        statuses: tuple[StrEnum, StrEnum],
        at: datetime,
        reason: StrEnum | None = None,
        note: str | None = None,
        cause_id: UUID | None = None,
    ) -> Entry:
        """That the administrator did something, the second thing that befell the record."""
        told = self.by_clock(action, subject, learner_id, statuses, at)
        return told._replace(
            actor_kind=ActorKind.USER,
            actor_id=self.admin_id,
            reason=reason.name if reason else None,
            note=note,
            cause_id=cause_id,
        )

    def by_clock(
        self,
        action: HistoryAction,
        subject: tuple[SubjectKind, UUID],
        learner_id: UUID | None,
        statuses: tuple[StrEnum, StrEnum],
        at: datetime,
        version: int = 2,
    ) -> Entry:
        """That time alone did something; without another `version`, the second thing that befell the record."""
        return Entry(
            organisation_id=self.organisation_id,
            id=self.ids(at),
            actor_kind=ActorKind.CLOCK,
            actor_id=None,
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            learner_id=learner_id,
            from_status=statuses[0].name,
            to_status=statuses[1].name,
            reason=None,
            note=None,
            version=version,
            request_id=None,
            cause_id=None,
            occurred_at=at,
            recorded_at=at,
        )
