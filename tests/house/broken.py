"""An organisation that may be broken, and all that breaks an invariant of it."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, update

from portal_api.domain.certifications import CertificationVersionStatus
from portal_api.domain.exports import ExportList, ExportStatus
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.library import LibraryStatus
from portal_api.domain.organisations import IntegrationTokenStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import (
    activity_intervals,
    certification_steps,
    certification_versions,
    exports,
    group_members,
    groups,
    history_entries,
    integration_tokens,
    learners,
    pathway_enrolments,
    reporting_lines,
    roles,
    series_enrolments,
)
from tests import invariants
from tests.clock import START
from tests.factories import Organisation, Record
from tests.house.automating import Automating
from tests.house.certifying import Certifying
from tests.house.crediting import Crediting
from tests.house.enrolling import Enrolling

DAY = timedelta(days=1)


class Broken:
    """An organisation that a test may break: nothing checks it in the end."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.top, self.middle, self.low = organisation.chain(3)
        self.inactive = organisation.learner(is_active=False)
        self.enrolment = organisation.enrolment(self.low, organisation.series())
        self.of_inactive = organisation.enrolment(self.inactive, organisation.series())
        self.ended = organisation.enrolment(self.low, organisation.series(), SeriesEnrolmentStatus.INCOMPLETE)
        self.group = organisation.group(self.low)
        self.retired = organisation.group(self.top, is_active=False)
        self.steps = [organisation.series() for _ in range(3)]
        self.pathway = organisation.pathway(*self.steps)
        organisation.enrolment(self.middle, self.steps[0], SeriesEnrolmentStatus.MASTERED, external_ref="behind")
        self.whole = organisation.pathway_enrolment(self.middle, self.pathway, position=2)
        organisation.rows[series_enrolments][-2]["pathway_enrolment_id"] = self.whole.id
        self.done = organisation.pathway_enrolment(self.top, self.pathway, PathwayEnrolmentStatus.COMPLETED, position=3)
        certification = organisation.certification()
        self.version = organisation.certification_version(certification, CertificationVersionStatus.RETIRED)
        self.certifying = Certifying(organisation, self.low)
        self.enrolling = Enrolling(organisation, self.low)
        self.crediting = Crediting(organisation, self.low, self.top, self.certifying.certificate)
        self.automating = Automating(organisation, self.enrolment, self.low)
        key = {"organisation_id": organisation.id, "created_at": START, "version": 1}
        self.token = {
            **key,
            "id": organisation.new_id(START),
            "user_id": organisation.staff[Role.INTEGRATION].id,
            "name": "Player",
            "status": IntegrationTokenStatus.ACTIVE,
            "expires_at": START + DAY,
            "due_at": START + DAY,
            "revoked_at": None,
        }
        organisation.rows[integration_tokens] = [self.token]
        self.export = {
            **key,
            "id": organisation.new_id(START),
            "user_id": organisation.staff[Role.ADMIN].id,
            "list": ExportList.LEARNERS,
            "arguments": "{}",
            "status": ExportStatus.QUEUED,
            "written_count": 0,
            "due_at": invariants.FAR_FUTURE,
        }
        organisation.rows[exports] = [self.export]

    def withdrawal(self, enrolment: Record, **columns: Any) -> Any:
        org = self.organisation
        return insert(history_entries).values(
            {
                "organisation_id": org.id,
                "id": org.new_id(START),
                "actor_kind": ActorKind.USER,
                "actor_id": org.staff[Role.ADMIN].id,
                "action": HistoryAction.SERIES_ENROLMENT_WITHDRAWN,
                "subject_kind": SubjectKind.SERIES_ENROLMENT,
                "subject_id": enrolment.id,
                "learner_id": enrolment["learner_id"],
                "from_status": "IN_PROGRESS",
                "to_status": "IN_PROGRESS",  # as far as the record goes, nothing happened
                "version": 1,
                "occurred_at": START,
                "recorded_at": START,
                **columns,
            }
        )

    def breaches(self) -> dict[str, list[Any]]:
        """What to do to the database, by the rule that it breaks."""
        here, new_id = self.organisation.id, self.organisation.new_id
        ours = learners.c.organisation_id == here
        enrolment = series_enrolments.c.id == self.enrolment.id
        intervals = activity_intervals.c
        lines = reporting_lines.c
        interval = {"organisation_id": here, "learner_id": self.inactive.id}
        line = {"organisation_id": here, "manager_id": self.top.id, "learner_id": self.inactive.id, "depth": 1}
        clock = {"actor_kind": ActorKind.CLOCK, "actor_id": None}
        whole, later = pathway_enrolments.c.id == self.whole.id, new_id(START)
        versions = certification_versions.c

        def ours_of(table: Any) -> Any:
            return table.c.organisation_id == here

        def step(position: int) -> Any:
            own = series_enrolments.c
            return (own.pathway_enrolment_id == self.whole.id) & (own.series_id == self.steps[position - 1].id)

        return {
            "an active learner has exactly one open activity interval": [
                update(activity_intervals).where(intervals.learner_id == self.low.id).values(active_until=START)
            ],
            "an inactive one has none": [
                insert(activity_intervals).values(**interval, id=new_id(START), active_from=START)
            ],
            "the activity intervals of a learner never overlap": [
                insert(activity_intervals).values(
                    **interval, id=new_id(START), active_from=START - 6 * DAY, active_until=START
                )
            ],
            "what is withdrawn, and nothing else": [
                update(series_enrolments).where(enrolment).values(withdrawal_note="Why?")
            ],
            "an enrolment is due when its next clock move comes": [
                update(series_enrolments).where(enrolment).values(due_at=START)
            ],
            "has a version of its own": [
                self.withdrawal(self.enrolment),
                self.withdrawal(self.enrolment, **clock),
            ],
            "have no gap and end at the record's own": [
                update(series_enrolments).where(enrolment).values(version=3),
                self.withdrawal(self.enrolment),
                self.withdrawal(self.enrolment, version=3),
            ],
            "end at the record's own": [
                update(series_enrolments).where(enrolment).values(version=2),
                self.withdrawal(self.enrolment),
            ],
            "a later version was not recorded earlier": [
                update(series_enrolments).where(enrolment).values(version=2),
                self.withdrawal(self.enrolment),
                self.withdrawal(self.enrolment, version=2, recorded_at=START - DAY),
            ],
            "says the status that the record has": [self.withdrawal(self.enrolment, to_status="WITHDRAWN")],
            "begins at the status where the one before it ended": [
                update(series_enrolments).where(enrolment).values(version=2),
                self.withdrawal(self.enrolment),
                self.withdrawal(self.enrolment, version=2, from_status="NO_ATTEMPTS"),
            ],
            "every entry is about a record that exists": [self.withdrawal(self.enrolment, subject_id=new_id(START))],
            "is one up the chain of managers": [insert(reporting_lines).values(line)],
            "every reporting line is one up the chain": [
                update(reporting_lines)
                .where(lines.manager_id == self.top.id, lines.learner_id == self.low.id)
                .values(depth=3)
            ],
            "the whole chain of managers is in the reporting lines": [
                delete(reporting_lines).where(lines.manager_id == self.top.id, lines.learner_id == self.low.id)
            ],
            "the whole chain of managers is in": [
                update(learners).where(ours, learners.c.id == self.inactive.id).values(manager_id=self.top.id)
            ],
            "is done while the learner is active": [self.withdrawal(self.of_inactive)],
            "to a learner's records is done while": [self.of_learner(HistoryAction.LEARNER_UPDATED)],
            "is told of its learner": [self.withdrawal(self.enrolment, learner_id=None)],
            "an organisation with users has an Owner": [
                update(roles).where(roles.c.organisation_id == here, roles.c.role == Role.OWNER).values(role=None)
            ],
            "every member of a group passes": [
                insert(group_members).values(organisation_id=here, group_id=self.group.id, learner_id=self.top.id)
            ],
            "the tests of a group in use": [
                insert(group_members).values(organisation_id=here, group_id=self.retired.id, learner_id=self.top.id)
            ],
            "whoever passes the tests of a group in use is a member": [
                delete(group_members).where(group_members.c.group_id == self.group.id)
            ],
            "passes the tests of a group in use is a member": [
                update(groups).where(groups.c.id == self.retired.id).values(status=LibraryStatus.ACTIVE)
            ],
            "a token is due": [update(integration_tokens).where(ours_of(integration_tokens)).values(due_at=START)],
            "an export is due": [update(exports).where(ours_of(exports)).values(due_at=START)],
            "an enrolment in a pathway is due": [update(pathway_enrolments).where(whole).values(due_at=START)],
            "and ends with it": [
                update(pathway_enrolments)
                .where(whole)
                .values(ends_at=self.whole["ends_at"] + DAY, due_at=self.whole["ends_at"] + DAY)
            ],
            "has the one series open at which it stands": [
                update(series_enrolments)
                .where(step(2))
                .values(status=SeriesEnrolmentStatus.MASTERED, mastered_at=START, due_at=invariants.FAR_FUTURE)
            ],
            "the series of a pathway that lie behind are mastered": [
                update(series_enrolments)
                .where(step(1))
                .values(status=SeriesEnrolmentStatus.INCOMPLETE, mastered_at=None)
            ],
            "and none lies ahead": [
                update(series_enrolments).where(step(1)).values(series_id=self.steps[2].id),
            ],
            "or elsewhere": [
                update(series_enrolments).where(step(1)).values(series_id=self.enrolment["series_id"]),
            ],
            "a pathway that was completed or withdrawn leaves no series open": [
                update(series_enrolments).where(enrolment).values(pathway_enrolment_id=self.done.id)
            ],
            "a series of a pathway is taken once in it": [
                update(series_enrolments)
                .where(series_enrolments.c.id == self.ended.id)
                .values(learner_id=self.middle.id, series_id=self.steps[1].id, pathway_enrolment_id=self.whole.id)
            ],
            "those ahead in a running pathway included": [
                update(series_enrolments).where(enrolment).values(learner_id=self.middle.id, series_id=self.steps[2].id)
            ],
            "the versions of a certification are numbered in a row": [
                update(certification_versions).where(versions.id == self.version.id).values(number=3)
            ],
            "only the last of them is a draft": [
                update(certification_versions)
                .where(versions.certification_id == self.version["certification_id"], versions.number == 1)
                .values(status=CertificationVersionStatus.DRAFT, published_at=None)
            ],
            "the training steps of a version are numbered in a row": [
                update(certification_steps)
                .where(
                    certification_steps.c.certification_version_id == self.version.id,
                    certification_steps.c.position == 1,
                )
                .values(position=3)
            ],
            "nobody answers more questions": [update(series_enrolments).where(enrolment).values(questions_answered=11)],
            "is overdue from the first instant after": [
                update(series_enrolments)
                .where(enrolment)
                .values(due_on=date(2026, 4, 5), overdue_at=datetime.fromisoformat("2026-04-06T00:00:00+13:00"))
            ],
            **self.certifying.breaches(),
            **self.enrolling.breaches(),
            **self.crediting.breaches(),
            **self.automating.breaches(),
            "is caused by an entry of no later instant": [
                self.withdrawal(self.enrolment, id=later, recorded_at=START + DAY),
                self.withdrawal(
                    self.ended, actor_kind=ActorKind.LEARNCYCLE, actor_id=None, cause_id=later, to_status="INCOMPLETE"
                ),
            ],
        }

    def of_learner(self, action: HistoryAction) -> Any:
        """An entry about the inactive learner at this very instant."""
        subject = {"subject_kind": SubjectKind.LEARNER, "subject_id": self.inactive.id}
        return self.withdrawal(self.of_inactive, action=action, **subject, from_status=None, to_status="INACTIVE")
