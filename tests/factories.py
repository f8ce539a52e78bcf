"""Records for tests: an organisation is laid out in Python, then saved in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, select

from portal_api.clock import Clock
from portal_api.database import Database
from portal_api.domain.exports import EXPORTS, ExportList, ExportStatus
from portal_api.domain.learners import DeactivationReason, LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.organisations import INTEGRATION_TOKENS, IntegrationTokenStatus
from portal_api.domain.pathways import PATHWAY_ENROLMENTS, PathwayEnrolmentStatus, PathwayKind
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    SERIES_ENROLMENTS,
    SeriesDuration,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
)
from portal_api.ids import IdMaker, global_id
from portal_api.models import (
    activity_intervals,
    exports,
    group_conditions,
    group_members,
    groups,
    integration_tokens,
    learner_attributes,
    learners,
    metadata,
    organisations,
    pathway_enrolments,
    pathway_steps,
    pathways,
    reporting_lines,
    resources,
    roles,
    series,
    series_enrolments,
    users,
)
from portal_api.queries.folding import fold

DAY = timedelta(days=1)
PREFIXES = {
    organisations: "org",
    users: "usr",
    integration_tokens: "itk",
    groups: "grp",
    learners: "lrn",
    series: "ser",
    series_enrolments: "sen",
    pathways: "pth",
    pathway_steps: "pst",
    pathway_enrolments: "pen",
    resources: "res",
    exports: "exp",
}
WRITTEN_IN_ORDER = (
    organisations,
    users,
    learners,
    learner_attributes,
    roles,
    integration_tokens,
    groups,
    group_conditions,
    group_members,
    reporting_lines,
    activity_intervals,
    series,
    pathways,
    pathway_steps,
    pathway_enrolments,
    series_enrolments,
    resources,
    exports,
)
OF_AN_ORGANISATION = (
    organisations,
    users,
    *(table for table in metadata.sorted_tables if "organisation_id" in table.c),
)
DEFAULTS: dict[str, Any] = {
    "is_machine": False,
    "questions_answered": 0,
    "questions_correct": 0,
    "special_requirements_are_private": False,
    "version": 1,
}
"""What a column holds that is not laid out; the others hold nothing."""
_S = SeriesEnrolmentStatus
TIMES: dict[SeriesEnrolmentStatus, tuple[int, int]] = {
    _S.WAITING_TO_START: (10, 80),
    _S.NOT_SIGNED_IN: (-20, 60),
    _S.NO_ATTEMPTS: (-20, 60),
    _S.IN_PROGRESS: (-20, 60),
    _S.MASTERED: (-20, 60),
    _S.INCOMPLETE: (-20, -2),
    _S.DID_NOT_START: (-20, -2),
    _S.NEVER_SIGNED_IN: (-20, -2),
    _S.WITHDRAWN: (-20, 60),
}
"""Where an enrolment at a status begins and ends when a test does not say: in days from now."""
NOT_SIGNED_IN = {_S.NOT_SIGNED_IN, _S.NEVER_SIGNED_IN}


@dataclass(frozen=True)
class Record:
    """A row as it was laid out; `record["status"]` is a column, `record.gid` the identifier that clients know."""

    table: Table
    row: Mapping[str, Any]

    @property
    def id(self) -> UUID:
        return self.row["id"]

    @property
    def gid(self) -> str:
        return global_id(PREFIXES[self.table], self.id)

    def __getitem__(self, column: str) -> Any:
        return self.row[column]


@dataclass(frozen=True)
class StatusCase:
    """An enrolment, the status that is stored, and the one that it has by now."""

    stored: SeriesEnrolmentStatus
    now: SeriesEnrolmentStatus
    enrolment: Record


@dataclass
class Organisation:
    """One organisation being laid out. Nothing is written before `save`; a `Client` saves before it asks."""

    database: Database
    clock: Clock
    new_id: IdMaker
    name: str = "Acme"
    time_zone: str = "Pacific/Auckland"
    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=dict[Table, list[dict[str, Any]]])
    """Everything laid out, saved or not, for whoever wants to compare."""
    staff: dict[Role, Record] = field(default_factory=dict[Role, Record])
    """The first user of each role."""
    own: dict[Role, Record] = field(default_factory=dict[Role, Record])
    """The learner record of the first user of each role, where there is one."""
    _saved: dict[Table, int] = field(default_factory=dict[Table, int])
    _counterparts: dict[UUID, UUID] = field(default_factory=dict[UUID, UUID])

    def __post_init__(self) -> None:
        self.id = self.new_id(self.clock())
        self._serial = 0
        self._by_id: dict[UUID, dict[str, Any]] = {}
        self.itself = self._add(
            organisations,
            {
                "id": self.id,
                "external_ref": f"org-{self.id.hex}",
                "name": self.name,
                "time_zone": self.time_zone,
                "created_at": self.clock() - 400 * DAY,
            },
        )

    def learner(self, *, reports_to: Record | None = None, is_active: bool = True, **columns: Any) -> Record:
        """A learner, active and signed in once, with an activity interval; `columns` overrules any column."""
        now, number = self.clock(), self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "external_ref": f"L-{number:04}",
            "given_name": f"Given{number:04}",
            "family_name": f"Family{number:04}",
            "status": LearnerStatus.ACTIVE if is_active else LearnerStatus.INACTIVE,
            "has_app_access": is_active,
            "manager_id": reports_to.id if reports_to else None,
            "first_signed_in_at": now - 40 * DAY,
            "deactivated_at": None if is_active else now - 5 * DAY,
            "deactivation_reason": None if is_active else DeactivationReason.NO_ACTIVITY,
            "deactivation_note": None,
            "created_at": now - 50 * DAY,
            "version": 1,
            **columns,
        }
        row.setdefault("email", f"{row['given_name']}.{row['family_name']}.{number}@example.org".casefold())
        row["given_name_key"] = fold(row["given_name"])
        row["family_name_key"] = fold(row["family_name"])
        row["search_key"] = fold(f"{row['given_name']} {row['family_name']} {row['email']} {row['external_ref']}")
        record = self._add(learners, row)
        self._add(
            activity_intervals,
            {
                "organisation_id": self.id,
                "id": self.new_id(now),
                "learner_id": record.id,
                "active_from": row["created_at"],
                "active_until": row["deactivated_at"],
            },
        )
        return record

    def chain(self, length: int, *, reports_to: Record | None = None) -> list[Record]:
        """Learners who report to one another, the highest first."""
        made: list[Record] = []
        for _ in range(length):
            made.append(self.learner(reports_to=made[-1] if made else reports_to))
        return made

    def reports_to(self, learner: Record, manager: Record | None) -> None:
        """Sets the manager of a learner who is not saved yet."""
        row = self._by_id[learner.id]
        pending = self.rows[learners][self._saved.get(learners, 0) :]
        assert any(each is row for each in pending), "the learner is saved already: its reporting lines are written"
        row["manager_id"] = manager.id if manager else None

    def user(self, role: Role, learner: Record | None = None, **columns: Any) -> Record:
        """Somebody with a role, linked to a learner record or to none; `columns` overrules any column."""
        now, number = self.clock(), self._number()
        id_ = self.new_id(now)
        row: dict[str, Any] = {
            "is_machine": role is Role.INTEGRATION,
            "id": id_,
            "external_ref": f"user-{id_.hex}",
            "name": f"{role.name.title()} {number}",
            "email": f"{role}.{number}@example.org",
            "created_at": now - 60 * DAY,
            **columns,
        }
        user = self._add(users, _with_user_keys(row))
        self.joined_by(user, role, learner)
        self.staff.setdefault(role, user)
        if learner:
            self.own.setdefault(role, learner)
        return user

    def joined_by(self, user: Record, role: Role, learner: Record | None = None) -> None:
        """Gives a role here to a user who may have one elsewhere."""
        self._add(
            roles,
            {
                "organisation_id": self.id,
                "user_id": user.id,
                "role": role,
                "learner_id": learner.id if learner else None,
                "created_at": self.clock() - 60 * DAY,
            },
        )

    def a_user_of_each_role(self) -> None:
        """Owner, Admin, Trainer and Integration; a Manager with a learner record, and a Learner who reports to it."""
        manager = self.learner(given_name="Mana", family_name="Ger", external_ref="MANAGER")
        learner = self.learner(given_name="Lea", family_name="Rner", external_ref="LEARNER", reports_to=manager)
        linked = {Role.MANAGER: manager, Role.LEARNER: learner}
        for role in Role:
            self.user(role, linked.get(role))

    def series(self, *, is_active: bool = True, **columns: Any) -> Record:
        """A series, active, of no fixed length and with a goal; `columns` overrules any column."""
        number = self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "external_ref": f"S-{number:04}",
            "title": f"Series {number:04}",
            "type": SeriesType.STANDARD,
            "duration": SeriesDuration.MASTERY,
            "question_count": 10,
            "mastery_percent": 80,
            "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
            "created_at": self.clock() - 100 * DAY,
            "version": 1,
            **columns,
        }
        row.setdefault("duration_days", 30 if row["duration"] is SeriesDuration.FIXED else None)
        row.setdefault("ends_on", date(2026, 12, 31) if row["duration"] is SeriesDuration.END_DATE else None)
        row["title_key"] = fold(row["title"])
        row["search_key"] = fold(f"{row['title']} {row['external_ref']}")
        return self._add(series, row)

    def enrolment(
        self,
        learner: Record,
        series_: Record,
        status: SeriesEnrolmentStatus = _S.IN_PROGRESS,
        **columns: Any,
    ) -> Record:
        """An enrolment stored at a status, with times that fit it; `columns` overrules any column."""
        now, number = self.clock(), self._number()
        starts, ends = TIMES[status]
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "external_ref": f"E-{number:04}",
            "learner_id": learner.id,
            "series_id": series_.id,
            "status": status,
            "has_signed_in": learner["first_signed_in_at"] is not None and status not in NOT_SIGNED_IN,
            "enrolled_at": now - 30 * DAY,
            "starts_at": now + starts * DAY,
            "ends_at": now + ends * DAY,
            "mastered_at": now - DAY if status is _S.MASTERED else None,
            "withdrawn_at": now - DAY if status is _S.WITHDRAWN else None,
            "withdrawal_reason": WithdrawalReason.NO_LONGER_REQUIRED if status is _S.WITHDRAWN else None,
            "withdrawal_note": None,
            "version": 1,
            **columns,
        }
        row.setdefault("due_at", SERIES_ENROLMENTS.due_at(status, row))
        return self._add(series_enrolments, row)

    def pathway(
        self, *of: Record, kind: PathwayKind = PathwayKind.LINEAR, is_active: bool = True, **columns: Any
    ) -> Record:
        """A pathway through some series, in their order; `columns` overrules any column."""
        number = self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "external_ref": f"P-{number:04}",
            "title": f"Pathway {number:04}",
            "kind": kind,
            "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
            "created_at": self.clock() - 100 * DAY,
            "version": 1,
            **columns,
        }
        row["title_key"] = fold(row["title"])
        row["search_key"] = fold(f"{row['title']} {row['external_ref']}")
        made = self._add(pathways, row)
        for position, each in enumerate(of, start=1):
            self._add(
                pathway_steps,
                {
                    "organisation_id": self.id,
                    "id": self.new_id(self.clock()),
                    "pathway_id": made.id,
                    "position": position,
                    "series_id": each.id,
                },
            )
        return made

    def pathway_enrolment(
        self,
        learner: Record,
        pathway: Record,
        status: PathwayEnrolmentStatus = PathwayEnrolmentStatus.IN_PROGRESS,
        *,
        position: int = 1,
        opens: bool = True,
        **columns: Any,
    ) -> Record:
        """An enrolment in a pathway; while it runs, with the one in the series at `position` unless that is not wanted."""
        now, number = self.clock(), self._number()
        times = {"ends_at": now + (60 if status is PathwayEnrolmentStatus.IN_PROGRESS else -2) * DAY, **columns}
        withdrawn = status is PathwayEnrolmentStatus.WITHDRAWN
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "external_ref": f"PE-{number:04}",
            "learner_id": learner.id,
            "pathway_id": pathway.id,
            "status": status,
            "position": position,
            "enrolled_at": now - 30 * DAY,
            "ends_at": times["ends_at"],
            "due_at": PATHWAY_ENROLMENTS.due_at(status, times),
            "completed_at": now - DAY if status is PathwayEnrolmentStatus.COMPLETED else None,
            "withdrawn_at": now - DAY if withdrawn else None,
            "withdrawal_reason": WithdrawalReason.NO_LONGER_REQUIRED if withdrawn else None,
            "version": 1,
            **columns,
        }
        made = self._add(pathway_enrolments, row)
        if status is PathwayEnrolmentStatus.IN_PROGRESS and opens:
            [series_id] = [
                step["series_id"]
                for step in self.rows[pathway_steps]
                if step["pathway_id"] == pathway.id and step["position"] == position
            ]
            self.enrolment(learner, self.record(series_id), pathway_enrolment_id=made.id, ends_at=row["ends_at"])
        return made

    def resource(self, of: Record | None = None, *, is_active: bool = True, **columns: Any) -> Record:
        """A learning resource of a series, or of the organisation; `columns` overrules any column."""
        number = self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "series_id": of.id if of else None,
            "title": f"Resource {number:04}",
            "url": f"https://files.example.org/{number}",
            "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
            "created_at": self.clock() - 100 * DAY,
            "version": 1,
            **columns,
        }
        row["title_key"] = fold(row["title"])
        return self._add(resources, row)

    def export(
        self,
        user: Record,
        status: ExportStatus = ExportStatus.QUEUED,
        list_: ExportList = ExportList.LEARNERS,
        **columns: Any,
    ) -> Record:
        """What a user asked to be exported; `columns` overrules any column."""
        now = self.clock()
        is_kept = status in (ExportStatus.READY, ExportStatus.EXPIRED)
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "user_id": user.id,
            "list": list_,
            "arguments": "{}",
            "status": status,
            "written_count": 0,
            "created_at": now - DAY / 2,
            "finished_at": now - DAY / 2 if is_kept or status is ExportStatus.FAILED else None,
            "expires_at": now + DAY / 2 if is_kept else None,
            "leased_until": now + DAY if status is ExportStatus.RUNNING else None,
            "version": 1,
            **columns,
        }
        row.setdefault("due_at", EXPORTS.due_at(status, row))
        return self._add(exports, row)

    def attribute(self, learner: Record, name: str, value: str) -> None:
        """An attribute of a learner, if it is not laid out already."""
        row = {"organisation_id": self.id, "learner_id": learner.id, "name": name, "value": value}
        if row not in self.rows.get(learner_attributes, []):
            self._add(learner_attributes, row)

    def token(self, user: Record | None = None, **columns: Any) -> Record:
        """A token of a machine client, the organisation's first without one; `columns` overrules any column."""
        now = self.clock()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "user_id": (user or self.staff[Role.INTEGRATION]).id,
            "name": f"Token {self._number():04}",
            "status": IntegrationTokenStatus.ACTIVE,
            "created_at": now - 10 * DAY,
            "expires_at": now + 30 * DAY,
            "version": 1,
            **columns,
        }
        if row["status"] is IntegrationTokenStatus.REVOKED:
            row.setdefault("revoked_at", now - DAY)
        row.setdefault("due_at", INTEGRATION_TOKENS.due_at(row["status"], row))
        return self._add(integration_tokens, row)

    def group(self, *members: Record, is_active: bool = True, **attributes: str) -> Record:
        """A group that tests for attributes; its members get them, and so they are in it."""
        number = self._number()
        attributes = attributes or {"team": f"Team {number:04}"}
        name = f"Group {number:04}"
        made = self._add(
            groups,
            {
                "organisation_id": self.id,
                "id": self.new_id(self.clock()),
                "name": name,
                "name_key": fold(name),
                "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
                "created_at": self.clock() - 100 * DAY,
                "version": 1,
            },
        )
        key = {"organisation_id": self.id, "group_id": made.id}
        for attribute, value in attributes.items():
            self._add(group_conditions, {**key, "attribute": attribute, "value": value})
        for member in members:
            for attribute, value in attributes.items():
                self.attribute(member, attribute, value)
            if is_active:
                self._add(group_members, {**key, "learner_id": member.id})
        return made

    def every_status(self, learner: Record | None = None) -> list[StatusCase]:
        """An enrolment for each stored status and, where time has moved on, for each way that it can have gone.

        Each is in a series of its own; some moves lie a while back, others come true at this very instant.
        """
        now = self.clock()
        past, running, over = now - 3 * DAY, now + 3 * DAY, now - 2 * DAY
        moved: tuple[tuple[_S, _S, bool, datetime, datetime], ...] = (
            (_S.WAITING_TO_START, _S.NOT_SIGNED_IN, False, past, running),
            (_S.WAITING_TO_START, _S.NO_ATTEMPTS, True, now, running),
            (_S.WAITING_TO_START, _S.NEVER_SIGNED_IN, False, past, now),
            (_S.WAITING_TO_START, _S.DID_NOT_START, True, past, over),
            (_S.NOT_SIGNED_IN, _S.NEVER_SIGNED_IN, False, past, over),
            (_S.NO_ATTEMPTS, _S.DID_NOT_START, True, past, now),
            (_S.IN_PROGRESS, _S.INCOMPLETE, True, past, over),
        )
        return [
            *(
                StatusCase(status, status, self.enrolment(learner or self.learner(), self.series(), status))
                for status in SeriesEnrolmentStatus
            ),
            *(
                StatusCase(
                    stored,
                    then,
                    self.enrolment(
                        learner or self.learner(),
                        self.series(),
                        stored,
                        has_signed_in=has_signed_in,
                        starts_at=starts_at,
                        ends_at=ends_at,
                    ),
                )
                for stored, then, has_signed_in, starts_at, ends_at in moved
            ),
        ]

    def twin(self) -> "Organisation":
        """Another organisation with the same records under the same external references, and keys of its own."""
        twin = Organisation(self.database, self.clock, self.new_id, name=self.name, time_zone=self.time_zone)
        keys = {self.id: twin.id}
        for table in WRITTEN_IN_ORDER[1:]:
            for row in self.rows.get(table, ()):
                if table is not reporting_lines and "id" in row:
                    keys[row["id"]] = self.new_id(self.clock())
        for table in WRITTEN_IN_ORDER[1:]:
            if table is not reporting_lines:  # written anew when the twin is saved
                for row in self.rows.get(table, ()):
                    copy = {
                        name: keys.get(value, value) if isinstance(value, UUID) else value
                        for name, value in row.items()
                    }
                    if table is users:  # users belong to no organisation: their references are unique
                        copy["external_ref"] = f"user-{copy['id'].hex}"
                        _with_user_keys(copy)
                    twin._add(table, copy)
        twin._serial = self._serial
        twin._counterparts = keys
        twin.staff = {role: twin.record(keys[user.id]) for role, user in self.staff.items()}
        twin.own = {role: twin.record(keys[learner.id]) for role, learner in self.own.items()}
        return twin

    def record(self, id_: UUID) -> Record:
        """What was laid out under a key."""
        return self._records[id_]

    def counterpart(self, record: Record) -> Record:
        """In a twin: the copy of a record of the organisation that it was made from."""
        return self.record(self._counterparts[record.id])

    def by_ref(self, table: Table, external_ref: str) -> Record:
        """What was laid out under a reference: the twin of a record has the same one."""
        [row] = [row for row in self.rows[table] if row["external_ref"] == external_ref]
        return self.record(row["id"])

    async def save(self) -> None:
        """Writes what is laid out and not written yet, reporting lines included, in one transaction."""
        for row in self.rows.get(learners, [])[self._saved.get(learners, 0) :]:
            self.rows.setdefault(reporting_lines, []).extend(self._lines_above(row))
        pending = {table: rows[self._saved.get(table, 0) :] for table, rows in self.rows.items()}
        if not any(pending.values()):
            return
        async with self.database.engine.begin() as connection:
            for table in WRITTEN_IN_ORDER:
                if table is learners:
                    pending[table] = self._managers_first(pending.get(table, []))
                if rows := pending.get(table):
                    await connection.execute(insert(table), rows)
        self._saved = {table: len(rows) for table, rows in self.rows.items()}

    async def stored(self, table: Table) -> list[dict[str, Any]]:
        """What the database holds of the organisation in a table now, by key."""
        if table is organisations:
            is_own = organisations.c.id == self.id
        elif table is users:
            is_own = users.c.id.in_(select(roles.c.user_id).where(roles.c.organisation_id == self.id))
        else:
            is_own = table.c.organisation_id == self.id
        chosen = select(table).where(is_own).order_by(*table.primary_key.columns)
        async with self.database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(chosen)).mappings()]

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All that the database holds of the organisation; the same twice when nothing was changed in between."""
        return {table.name: await self.stored(table) for table in OF_AN_ORGANISATION}

    def _lines_above(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = []
        manager_id = row["manager_id"]
        while manager_id is not None:
            lines.append(
                {
                    "organisation_id": self.id,
                    "manager_id": manager_id,
                    "learner_id": row["id"],
                    "depth": len(lines) + 1,
                }
            )
            manager_id = self._by_id[manager_id]["manager_id"]
        return lines

    def _managers_first(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Foreign keys are checked row by row."""
        return sorted(rows, key=lambda row: len(self._lines_above(row)))

    @property
    def _records(self) -> dict[UUID, Record]:
        return {row["id"]: Record(table, row) for table in PREFIXES for row in self.rows.get(table, ()) if "id" in row}

    def _add(self, table: Table, row: dict[str, Any]) -> Record:
        for column in table.columns:
            if column.name not in row:
                row[column.name] = DEFAULTS.get(column.name)
        self.rows.setdefault(table, []).append(row)
        if "id" in row:
            self._by_id[row["id"]] = row
        return Record(table, row)

    def _number(self) -> int:
        self._serial += 1
        return self._serial


def _with_user_keys(row: dict[str, Any]) -> dict[str, Any]:
    """A user with what they are sorted and searched by."""
    row["name_key"] = fold(row["name"])
    row["search_key"] = fold(f"{row['name']} {row['email']} {row['external_ref']}")
    return row


def organisation_with_everybody(database: Database, clock: Clock, new_id: IdMaker) -> Organisation:
    """A fresh organisation with a user of each role, not saved yet."""
    made = Organisation(database, clock, new_id)
    made.a_user_of_each_role()
    return made
