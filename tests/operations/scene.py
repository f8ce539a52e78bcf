"""An organisation with something to see for everybody."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from portal_api.domain.certifications import (
    CertificationJoining,
    CertificationVersionStatus,
    FeeDue,
    LearnerCertificationStatus,
)
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.credentials import CredentialStatus
from portal_api.domain.exports import ExportStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from tests.conftest import SignIn
from tests.factories import Organisation, Record
from tests.operations.automating import Automated, lay_out_automated
from tests.operations.documents import text_of
from tests.operations.training import Enrolled, Training, lay_out_enrolled, lay_out_training


@dataclass(frozen=True)
class Scene:
    """An organisation with something to see for everybody, and the records that the documents are sent about."""

    organisation: Organisation
    sign_in: SignIn
    """Signs the people of the scene in."""
    team: list[Record]
    """The learners who report to the Manager, the Learner among them."""
    series: Record
    retired: Record
    enrolments: list[Record]
    """Those of the Learner, every status among them."""
    withdrawn: Record
    inactive: Record
    export: Record
    """An Admin's."""
    token: Record
    group: Record
    """Holds the Learner."""
    past: Record
    """A retired group."""
    other: Record
    """A series that nobody takes."""
    resource: Record
    retired_resource: Record
    pathway: Record
    """One that the Learner is in."""
    fresh: Record
    """One that nobody has ever been in."""
    retired_pathway: Record
    walk: Record
    """The Learner's enrolment in the first of these."""
    certification: Record
    """One that the Learner is in, and that waits for an approval there."""
    records: dict[LearnerCertificationStatus, Record]
    """In another one, which has a fee: of somebody at each status that an action needs."""
    open_certification: Record
    """One that is open to join, with a version that is published and a draft."""
    retired_certification: Record
    published: Record
    draft: Record
    training: Training
    enrolled: Enrolled
    automated: Automated
    mine: dict[str, Record]
    """The Learner's own ways through certifications, and two that they may join."""
    trained: Record
    """An enrolment in a course that has earned a credential, and has none."""
    requested: Record
    issued: Record
    """The Learner's credential."""
    document: Record
    """The Learner's."""
    left: Record
    """Somebody whose one enrolment in a course is withdrawn."""

    @property
    def learner(self) -> Record:
        return self.organisation.own[Role.LEARNER]

    @property
    def active(self) -> Record:
        return next(each for each in self.enrolments if each["status"] is SeriesEnrolmentStatus.IN_PROGRESS)


async def laid_out(organisation: Organisation, sign_in: SignIn) -> Scene:
    """The Learner has enrolments of every status; another was withdrawn by an Admin, so it has a history."""
    manager, learner = organisation.own[Role.MANAGER], organisation.own[Role.LEARNER]
    team = [learner, *organisation.chain(3, reports_to=learner), *organisation.chain(2, reports_to=manager)]
    outsider, inactive = organisation.learner(), organisation.learner(is_active=False)
    left = organisation.learner()
    organisation.course_enrolment(left, status=CourseEnrolmentStatus.WITHDRAWN)
    running, retired = organisation.series(), organisation.series(is_active=False)
    enrolments = [case.enrolment for case in organisation.every_status(learner)]
    withdrawn = organisation.enrolment(learner, running)
    for each in (*team[1:], outsider, inactive, manager):
        organisation.enrolment(each, running)
        organisation.enrolment(each, retired, SeriesEnrolmentStatus.MASTERED)
    token, group, past = organisation.token(), organisation.group(learner), organisation.group(is_active=False)
    data = await sign_in(Role.ADMIN).query(
        text_of("admin_console/withdraw_series_enrolments"),
        {"input": {"ids": [withdrawn.gid], "reason": "ENROLMENT_ERROR", "note": "for administrators"}},
    )
    assert data["withdrawSeriesEnrolments"]["counts"]["changed"] == 1
    export = organisation.export(organisation.staff[Role.ADMIN], ExportStatus.READY)
    organisation.enrolment(
        learner, organisation.series(), due_on=date(2026, 3, 1), overdue_at=datetime(2026, 3, 1, 11, tzinfo=UTC)
    )
    resource, gone = organisation.resource(running), organisation.resource(is_active=False)
    other = organisation.series()
    steps = organisation.series(), organisation.series()
    pathway, fresh = organisation.pathway(*steps), organisation.pathway(organisation.series())
    shelved = organisation.pathway(steps[0], is_active=False)
    walk = organisation.pathway_enrolment(learner, pathway)
    organisation.pathway_enrolment(outsider, pathway)
    certification = _certifying(organisation, learner, manager, outsider)
    records = _at_work(organisation)
    mine = _learning(organisation, learner)
    open_certification = organisation.certification(joining=CertificationJoining.OPEN, is_published=False)
    organisation.assigns(group, open_certification)
    published = organisation.certification_version(open_certification, initial_fee=12_000)
    draft = organisation.certification_version(open_certification, CertificationVersionStatus.DRAFT)
    organisation.certification()
    gone_certification = organisation.certification(is_active=False)
    organisation.assigned_by_groups()
    trained = organisation.trained(outsider)
    requested = organisation.credential(organisation.trained(outsider), CredentialStatus.REQUESTED)
    issued, document = organisation.credential(organisation.trained(learner)), organisation.document(learner)
    training = lay_out_training(organisation)
    enrolled = lay_out_enrolled(organisation, training, learner)
    automated = lay_out_automated(organisation, learner)
    await organisation.save()
    return Scene(
        training=training,
        enrolled=enrolled,
        automated=automated,
        organisation=organisation,
        sign_in=sign_in,
        team=team,
        series=running,
        retired=retired,
        enrolments=enrolments,
        withdrawn=withdrawn,
        inactive=inactive,
        export=export,
        token=token,
        group=group,
        past=past,
        other=other,
        resource=resource,
        retired_resource=gone,
        pathway=pathway,
        fresh=fresh,
        retired_pathway=shelved,
        walk=walk,
        certification=certification,
        records=records,
        open_certification=open_certification,
        retired_certification=gone_certification,
        published=published,
        draft=draft,
        mine=mine,
        trained=trained,
        requested=requested,
        issued=issued,
        document=document,
        left=left,
    )


def _learning(organisation: Organisation, learner: Record) -> dict[str, Record]:
    """A record of the Learner for each of their own actions, and a certification to enrol in or to be let into."""

    def at(
        status: LearnerCertificationStatus, cycle: dict[str, int] | None = None, *, steps: int = 2, **terms: Any
    ) -> Record:
        certification = organisation.certification(is_published=False)
        organisation.certification_version(certification, steps=steps, **terms)
        return organisation.learner_certification(learner, certification, status, cycle=cycle)

    return {
        "open": organisation.certification(joining=CertificationJoining.OPEN),
        "on request": organisation.certification(joining=CertificationJoining.ON_REQUEST),
        "to start": at(LearnerCertificationStatus.NOT_STARTED),
        "at work": at(LearnerCertificationStatus.IN_PROGRESS, {"attempts_used": 1}, initial_fee=9_900),
        "ready for the exam": at(LearnerCertificationStatus.IN_PROGRESS, steps=0),
        "out of attempts": at(LearnerCertificationStatus.IN_PROGRESS, {"attempts_used": 3}),
        "lapsed": at(LearnerCertificationStatus.LAPSED),
    }


def _certifying(organisation: Organisation, *people: Record) -> Record:
    """Everybody waits for an approval in one certification, and is certified in another, which is retired."""
    certification, retired = organisation.certification(), organisation.certification(is_active=False)
    for each in people:
        organisation.learner_certification(each, certification, LearnerCertificationStatus.PENDING_APPROVAL)
        organisation.learner_certification(each, retired, LearnerCertificationStatus.CERTIFIED)
    return certification


def _at_work(organisation: Organisation) -> dict[LearnerCertificationStatus, Record]:
    """A record at each status, of people whom only administrators see, in a certification that has a fee."""
    certification = organisation.certification(is_published=False)
    organisation.certification_version(certification, initial_fee=12_000, fee_due=FeeDue.BEFORE_START)
    return {
        status: organisation.learner_certification(organisation.learner(), certification, status)
        for status in LearnerCertificationStatus
    }
