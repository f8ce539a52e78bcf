"""What befell a learner in a course of the demonstration, by the same rules as in the portal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.domain.courses.finalising import Deferral, Finalisation, finalise
from portal_api.domain.courses.outcomes import CREDENTIALLED, FINAL, Outcome
from portal_api.domain.courses.stages import ReconnectPurpose
from portal_api.domain.courses.statuses import COMPLETIONS, ENDED, CourseEnrolmentStatus
from portal_api.domain.courses.surveys import SurveyStatus
from portal_api.domain.courses.transition import ProgramUnit, transition
from portal_api.domain.courses.units import Unit, UnitCorrection
from portal_api.domain.credentials import CancellationReason, CredentialStatus, CredentialUnit
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.register_numbers import register_number
from portal_api.ids import global_id
from portal_api.importers.days import Days
from portal_api.importers.demo_courses import CourseLibrary, MadeOffer, Programme, Reason
from portal_api.importers.demo_cycles import Row
from portal_api.importers.demo_history import Chronicle
from portal_api.importers.writing import NewLearner
from portal_api.importers.writing_courses import (
    NewCourseEnrolment,
    NewUnitEnrolment,
    enrolment_columns,
    unit_columns,
)
from portal_api.models import course_enrolments, credentials, surveys, unit_enrolments
from portal_api.queries import credentials as credential_queries
from portal_api.queries.credentials import Wording
from portal_api.queries.history import Entry
from portal_api.services.courses.statuses import NOT_DEFERRED, NOT_FINALISED
from portal_api.services.courses.writing import changed_fields

_H, _K, _S = HistoryAction, SubjectKind, CourseEnrolmentStatus
IN_ORDER = (course_enrolments, unit_enrolments, surveys, credentials)
LATEST = -8
"""The last day on which anything was done: before the first learner was set inactive."""


@dataclass(frozen=True, slots=True)
class Office:
    """Who keeps the records of an organisation, and with what."""

    chronicle: Chronicle
    trainer_id: UUID
    name: str
    library: CourseLibrary
    days: Days
    rows: dict[Table, list[Row]] = field(default_factory=lambda: {table: [] for table in IN_ORDER})
    entries: list[Entry] = field(default_factory=list[Entry])


class Study:
    """One enrolment as it stands on a day, and all that led there. Days are counted from today; they never go back."""

    def __init__(
        self,
        office: Office,
        learner: NewLearner,
        offer: MadeOffer,
        ref: str,
        status: CourseEnrolmentStatus,
        *,
        has_units: bool = True,
        has_commitment: bool = True,
    ) -> None:
        """Enrols the learner two weeks before the offer starts; in what lies ahead, three weeks ago."""
        self.office, self.learner, self.offer = office, learner, offer
        enrolled_at = self._at(min(offer.key.when.starts - 14, -21))
        new = NewCourseEnrolment(
            id=self._id(enrolled_at),
            external_ref=ref,
            learner_id=learner.id,
            course_offer_id=offer.new.id,
            status=status,
            enrolled_at=enrolled_at,
            starts_on=offer.new.starts_on,
            ends_on=offer.new.ends_on,
            units=tuple(self._new_units(enrolled_at)) if has_units else (),
            commitment_ref=f"TC-{ref}" if has_commitment and offer.new.needs_commitment else None,
        )
        self.enrolment = self._add(course_enrolments, enrolment_columns(new))
        self.units = [self._add(unit_enrolments, unit_columns(new, each)) for each in new.units]
        self._survey: Row | None = None
        self._credential: Row | None = None
        made = (_K.COURSE_ENROLMENT, self.enrolment, _H.COURSE_ENROLMENT_CREATED)
        self._tell(enrolled_at, *made, (None, status.name), ["status"])

    def train(self, *outcomes: str) -> None:
        """One unit after the other comes to an outcome: with its end, or once it has begun if it goes on.

        Of a unit that the learner left, nobody has said the hours.
        """
        for row, code in zip(self.units, outcomes, strict=False):
            outcome = Outcome(code)
            is_final = outcome in FINAL
            day = min((row["ends_on" if is_final else "starts_on"] - self.office.days.today).days, LATEST)
            is_attended = is_final and outcome is not Outcome.WITHDRAWN
            hours = {"actual_hours": row["scheduled_hours"]} if is_attended else {}
            self._change_unit(day, row, _H.UNIT_ENROLMENT_UPDATED, {"outcome": outcome, **hours}, by=self._teacher)

    def report(self, day: int) -> None:
        """What has its final outcome is reported."""
        for row in self.units:
            if row["outcome"] in FINAL:
                self._change_unit(day, row, _H.UNIT_ENROLMENT_REPORTED, {"reported_at": self._at(day)})

    def set_status(
        self, day: int, status: CourseEnrolmentStatus, reason: Reason | None = None, note: str | None = None
    ) -> None:
        """The status is set by hand, and touches no unit."""
        given = {"status": status, **NOT_DEFERRED, **NOT_FINALISED, **self._reason(reason)}
        self._change(day, _H.COURSE_ENROLMENT_STATUS_SET, given, note)

    def finalise(
        self,
        day: int,
        to: CourseEnrolmentStatus,
        reason: Reason | None = None,
        *,
        on: int | None = None,
        returns: int | None = None,
        hours: int | None = None,
    ) -> None:
        """The enrolment is finalised as of a day, the same one if no other is given.

        Raises:
            ValueError: if the portal would refuse it.
        """
        now_on, on_date = self.office.days.on(day), self.office.days.on(day if on is None else on)
        returns_on = None if returns is None else self.office.days.on(returns)
        by_id = {global_id("uen", row["id"]): row for row in self.units}
        corrections = {id_: UnitCorrection(hours_attended=hours) for id_ in by_id}
        since, until = self.enrolment["deferred_on"], self.enrolment["returns_on"]
        result = finalise(
            {id_: _unit_of(row) for id_, row in by_id.items()},
            Finalisation(to, on_date, returns_on, corrections),
            now_on,
            Deferral(since, until) if since else None,
        )
        if result.problems:
            raise ValueError(result.problems[0].message)
        given: dict[str, Any] = {"status": to, **NOT_DEFERRED, **self._reason(reason)}
        if to is _S.DEFERRED:
            given |= {"deferred_on": on_date, "returns_on": returns_on}
        if to in ENDED:
            given |= {"finalised_on": now_on if to in COMPLETIONS else on_date, "finalised_at": self._at(day)}
        entry = self._change(day, _H.COURSE_ENROLMENT_FINALISED, given)
        for id_, unit in result.units.items():
            columns = {name: getattr(unit, name) for name in ("starts_on", "ends_on", "outcome", "actual_hours")}
            self._change_unit(day, by_id[id_], _H.UNIT_ENROLMENT_FINALISED, columns, cause=entry.id)

    def flag(self, day: int, purpose: ReconnectPurpose, on: int) -> None:
        """The enrolment is to be come back to on another day."""
        flag = {"reconnect_for": purpose, "reconnect_on": self.office.days.on(on)}
        self._change(day, _H.COURSE_ENROLMENT_FLAGGED, flag)

    def transition(self, day: int, programme: Programme, commitment: str | None) -> None:
        """The enrolment moves on to the qualification that supersedes its own.

        Raises:
            ValueError: if the portal would refuse it.
        """
        by_id = {global_id("uen", row["id"]): row for row in self.units}
        former = self.enrolment["commitment_ref"]
        units = {
            id_: ProgramUnit(_unit_of(row), row["program_identifier"], row["reported_at"] is not None)
            for id_, row in by_id.items()
        }
        move = transition(units, programme.identifier, self.office.days.on(day), commitment=commitment, former=former)
        if move.problems:
            raise ValueError(move.problems[0].message)
        given: dict[str, Any] = {"transitioned_to": self.office.library.course_of(programme)}
        if move.needs_commitment:
            given |= {"commitment_ref": commitment, "cancelled_commitment_ref": former}
        cause = self._change(day, _H.COURSE_ENROLMENT_TRANSITIONED, given).id
        for id_ in move.renamed:
            given = {"program_identifier": programme.identifier}
            self._change_unit(day, by_id[id_], _H.UNIT_ENROLMENT_TRANSITIONED, given, cause=cause)

    def survey(self, day: int, answered: int | None = None) -> None:
        """A survey is asked for and, on another day, answered."""
        at = self._at(day)
        row = self._add(
            surveys,
            {
                "id": self._id(at),
                "course_enrolment_id": self.enrolment["id"],
                "learner_id": self.learner.id,
                "status": SurveyStatus.REQUESTED,
                "requested_at": at,
                "answered_at": None,
                "answers_ref": None,
                "version": 1,
            },
        )
        requested, done = SurveyStatus.REQUESTED, SurveyStatus.ANSWERED
        self._tell(at, _K.SURVEY, row, _H.SURVEY_REQUESTED, (None, requested.name))
        if answered is not None:
            row |= {
                "status": done,
                "answered_at": self._at(answered),
                "answers_ref": f"A-{self.enrolment['external_ref']}",
            }
            row["version"] += 1
            self._tell(self._at(answered), _K.SURVEY, row, _H.SURVEY_ANSWERED, (requested.name, done.name))

    def request_credential(self, day: int) -> None:
        """A credential is asked for."""
        self._credential = self._new_credential(day, is_issued=False)

    def issue_credential(self, day: int) -> None:
        """The credential that was asked for is issued; one that nobody asked for, at once."""
        if self._credential is None:
            self._credential = self._new_credential(day, is_issued=True)
            return
        row = self._credential
        row |= {"status": CredentialStatus.ISSUED, **self._issued(day)}
        row["version"] += 1
        statuses = (CredentialStatus.REQUESTED.name, CredentialStatus.ISSUED.name)
        self._tell(self._at(day), _K.CREDENTIAL, row, _H.CREDENTIAL_ISSUED, statuses)

    def revoke_credential(self, day: int) -> None:
        """The credential that was issued is taken back."""
        self._cancel_credential(day, CancellationReason.REVOKED, _H.CREDENTIAL_CANCELLED)

    def replace_credential(self, day: int) -> None:
        """The credential that was issued is replaced by another, which says what is true now."""
        former = self._cancel_credential(day, CancellationReason.REPLACED, _H.CREDENTIAL_REPLACED)
        self._credential = self._new_credential(day, is_issued=True, cause=self.office.entries[-1].id)
        former["replaced_by"] = self._credential["id"]

    @property
    def _teacher(self) -> UUID:
        """Who records outcomes: whoever trains in the offer, or else the administrator."""
        return self.office.trainer_id if self.offer.new.trainer_ids else self.office.chronicle.admin_id

    def _new_units(self, at: datetime) -> Iterable[NewUnitEnrolment]:
        """The units of the course, one after the other."""
        offered, own = self.offer.new, self.offer.new.course.units
        length = (offered.ends_on - offered.starts_on) / len(own)
        for place, unit in enumerate(own):
            state = Unit(
                offered.starts_on + place * length,
                offered.starts_on + (place + 1) * length,
                scheduled_hours=unit.scheduled_hours,
            )
            yield NewUnitEnrolment(self._id(at), unit.id, offered.course.program_identifier, state)

    def _new_credential(self, day: int, *, is_issued: bool, cause: UUID | None = None) -> Row:
        at = self._at(day)
        status = CredentialStatus.ISSUED if is_issued else CredentialStatus.REQUESTED
        row = self._add(
            credentials,
            {
                "id": self._id(at),
                "course_enrolment_id": self.enrolment["id"],
                "learner_id": self.learner.id,
                "status": status,
                "requested_at": at,
                **(self._issued(day) if is_issued else credential_queries.unissued()),
                "cancelled_at": None,
                "cancellation_reason": None,
                "cancellation_note": None,
                "replaced_by": None,
                "version": 1,
            },
        )
        act = _H.CREDENTIAL_ISSUED if is_issued else _H.CREDENTIAL_REQUESTED
        self._tell(at, _K.CREDENTIAL, row, act, (None, status.name), cause=cause)
        return row

    def _issued(self, day: int) -> Mapping[str, Any]:
        """What a credential says that is issued on a day."""
        course = self.offer.new.course
        outcomes = {row["unit_id"]: row["outcome"] for row in self.units}
        said = [
            CredentialUnit(unit.identifier, unit.title, outcomes[unit.id].value)
            for unit in sorted(course.units, key=lambda unit: unit.identifier)
            if outcomes[unit.id] in CREDENTIALLED
        ]
        person = self.learner.person
        wording = Wording(self.office.name, person.full_name, course.title, course.program_identifier, said)
        at = self._at(day)
        return credential_queries.issued(wording, register_number(self._id(at)), at, self.office.days.on(day))

    def _cancel_credential(self, day: int, reason: CancellationReason, act: HistoryAction) -> Row:
        if self._credential is None:
            raise ValueError("There is no credential to be cancelled.")
        row = self._credential
        row |= {
            "status": CredentialStatus.CANCELLED,
            "cancelled_at": self._at(day),
            "cancellation_reason": reason,
        }
        row["version"] += 1
        given = None if reason is CancellationReason.REPLACED else reason.name
        statuses = (CredentialStatus.ISSUED.name, CredentialStatus.CANCELLED.name)
        self._tell(self._at(day), _K.CREDENTIAL, row, act, statuses, reason=given)
        return row

    def _reason(self, reason: Reason | None) -> Mapping[str, Any]:
        return {"status_reason_id": self.office.library.reasons[reason]} if reason else {}

    def _change(self, day: int, act: HistoryAction, given: Mapping[str, Any], note: str | None = None) -> Entry:
        row, before = self.enrolment, self.enrolment["status"]
        changed = _written(row, given)
        reason_id = row["status_reason_id"]
        told = (self._at(day), _K.COURSE_ENROLMENT, row, act, (before.name, row["status"].name), changed)
        return self._tell(*told, reason=reason_id and global_id("srn", reason_id), note=note)

    def _change_unit(
        self,
        day: int,
        row: Row,
        act: HistoryAction,
        given: Mapping[str, Any],
        *,
        by: UUID | None = None,
        cause: UUID | None = None,
    ) -> None:
        before = row["outcome"]
        changed = _written(row, given)
        if changed:
            told = (self._at(day), _K.UNIT_ENROLMENT, row, act, (before, row["outcome"]), changed)
            self._tell(*told, by=by, cause=cause)

    def _tell(
        self,
        at: datetime,
        kind: SubjectKind,
        row: Row,
        act: HistoryAction,
        statuses: tuple[str | None, str | None],
        changed: Sequence[str] = (),
        *,
        by: UUID | None = None,
        reason: str | None = None,
        note: str | None = None,
        cause: UUID | None = None,
    ) -> Entry:
        chronicle = self.office.chronicle
        entry = Entry(
            organisation_id=chronicle.organisation_id,
            id=self._id(at),
            actor_kind=ActorKind.USER,
            actor_id=by or chronicle.admin_id,
            action=act,
            subject_kind=kind,
            subject_id=row["id"],
            learner_id=self.learner.id,
            from_status=statuses[0],
            to_status=statuses[1],
            reason=reason,
            note=note,
            version=row["version"],
            request_id=None,
            cause_id=cause,
            occurred_at=at,
            recorded_at=at,
            changed_fields=" ".join(changed) or None,
        )
        self.office.entries.append(entry)
        return entry

    def _add(self, table: Table, columns: Row) -> Row:
        """A new row; it can be changed until it is written."""
        row = {"organisation_id": self.office.chronicle.organisation_id, **columns}
        self.office.rows[table].append(row)
        return row

    def _id(self, at: datetime) -> UUID:
        return self.office.chronicle.ids(at)

    def _at(self, day: int) -> datetime:
        return self.office.days.at(day, 10)


def _unit_of(row: Row) -> Unit:
    return Unit(**{each.name: row[each.name] for each in fields(Unit)})


def _written(row: Row, given: Mapping[str, Any]) -> list[str]:
    """Gives a row other values and, where any differ, its next version; the names of the fields that changed."""
    changed = changed_fields(row, given)
    row |= {**given, "version": row["version"] + bool(changed)}
    return changed
