"""What groups assign: whom a change concerns, and where the sources that stand are not those that should."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import AssignmentSourceKind
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.models import (
    assignment_sources,
    certification_groups,
    certification_versions,
    certifications,
    group_members,
    learner_certifications,
    learners,
)
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.certifications.library import HAS_PUBLISHED_VERSION
from portal_api.queries.rows import dialect_of, id_list

_naming, _members, _records, _sources = (
    certification_groups.c,
    group_members.c,
    learner_certifications.c,
    assignment_sources.c,
)


class Side(StrEnum):
    """Whose assignments by groups are looked at."""

    LEARNERS = "learners"
    GROUPS = "groups"
    CERTIFICATIONS = "certifications"


@dataclass(frozen=True, slots=True, order=True)
class Naming:
    """A certification that names a group, and so is assigned by it."""

    certification_id: UUID
    group_id: UUID


@cache
def _named(dialect: Dialect, side: Side) -> AnySelect:
    column = _naming.group_id if side is Side.GROUPS else _naming.certification_id
    return select(_naming.certification_id, _naming.group_id).where(
        _naming.organisation_id == scope.ORGANISATION, dialect.in_list(column, "ids")
    )


async def named(connection: AsyncConnection, organisation_id: UUID, side: Side, ids: Sequence[UUID]) -> list[Naming]:
    """Which certifications name which groups, as far as some groups or some certifications are concerned."""
    values = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    return [Naming(*row) for row in await connection.execute(_named(dialect_of(connection), side), values)]


_assigned = (
    select(certifications.c.id)
    .where(
        scope.CERTIFICATIONS,
        exists().where(
            _naming.organisation_id == certifications.c.organisation_id, _naming.certification_id == certifications.c.id
        ),
    )
    .order_by(certifications.c.id)
    .with_for_update(read=True)
)


async def hold_assigned(connection: AsyncConnection, bound: Mapping[str, Any]) -> list[UUID]:
    """Keeps all certifications that groups assign as they are until the transaction ends, and says which they are."""
    return list((await connection.execute(_assigned, dict(bound))).scalars())


_OF_RECORD = and_(
    _records.organisation_id == _sources.organisation_id, _records.id == _sources.learner_certification_id
)
_STANDS = and_(_sources.kind == AssignmentSourceKind.GROUP, _sources.ended_at.is_(None))


@cache
def _lock(dialect: Dialect) -> AnySelect:
    members = select(_members.learner_id).where(
        _members.organisation_id == scope.ORGANISATION, dialect.in_list(_members.group_id, "ids")
    )
    holders = (
        select(_records.learner_id)
        .join(assignment_sources, _OF_RECORD)
        .where(_sources.organisation_id == scope.ORGANISATION, dialect.in_list(_sources.group_id, "ids"), _STANDS)
    )
    return (
        select(learners.c.id)
        .where(learners.c.organisation_id == scope.ORGANISATION, learners.c.id.in_(union(members, holders)))
        .order_by(learners.c.id)
        .with_for_update(key_share=True)
    )


async def lock_learners(connection: AsyncConnection, bound: Mapping[str, Any], group_ids: Sequence[UUID]) -> None:
    """Locks whoever is in some groups or has a source by one of them, in the order of their ids."""
    if connection.dialect.name == "postgresql":  # on SQLite the transaction is alone already
        await connection.execute(_lock(dialect_of(connection)), {**bound, "ids": id_list(connection, group_ids)})


@cache
def _certifications(dialect: Dialect) -> AnySelect:
    own = certification_versions.c
    return select(own.certification_id).where(own.organisation_id == scope.ORGANISATION, dialect.in_list(own.id, "ids"))


async def certifications_of(
    connection: AsyncConnection, organisation_id: UUID, version_ids: Sequence[UUID]
) -> set[UUID]:
    """The certifications of some versions, which never change."""
    values = {"organisation": organisation_id, "ids": id_list(connection, version_ids)}
    return set((await connection.execute(_certifications(dialect_of(connection)), values)).scalars())


@dataclass(frozen=True, slots=True)
class Difference:
    """A source by a group that should stand and does not, or stands and should not."""

    ended_id: UUID | None
    """The source, where it is to end; none where one is to be made."""
    learner_id: UUID
    certification_id: UUID
    group_id: UUID
    record_id: UUID | None
    """The learner's record, archived ones apart."""

    @property
    def order(self) -> tuple[UUID, UUID, UUID]:
        return self.certification_id, self.learner_id, self.group_id

    def on(self, side: Side) -> UUID:
        """Its learner, group or certification."""
        return {
            Side.LEARNERS: self.learner_id,
            Side.GROUPS: self.group_id,
            Side.CERTIFICATIONS: self.certification_id,
        }[side]


_IS_ACTIVE = learners.c.status == LearnerStatus.ACTIVE
_OF_MEMBER = and_(learners.c.organisation_id == _members.organisation_id, learners.c.id == _members.learner_id)
_OF_HOLDER = and_(learners.c.organisation_id == _records.organisation_id, learners.c.id == _records.learner_id)
_NAMED = and_(
    certifications.c.organisation_id == _naming.organisation_id, certifications.c.id == _naming.certification_id
)
_IN_GROUP = and_(_members.organisation_id == _naming.organisation_id, _members.group_id == _naming.group_id)
_ASSIGNS = and_(certifications.c.status == LibraryStatus.ACTIVE, HAS_PUBLISHED_VERSION)

# A few plain statements, and the difference in Python. As one it would be quick only while the database knows how many
# rows there are: of thousands that have just been written it does not, and would look each of them up among all others.


@cache
def _wanted(dialect: Dialect, side: Side) -> AnySelect:
    column = {
        Side.LEARNERS: _members.learner_id,
        Side.GROUPS: _naming.group_id,
        Side.CERTIFICATIONS: _naming.certification_id,
    }
    return (
        select(_naming.certification_id, _members.learner_id, _naming.group_id, _ASSIGNS.label("is_assigned"))
        .select_from(certification_groups)
        .join(certifications, _NAMED)
        .join(group_members, _IN_GROUP)
        .join(learners, _OF_MEMBER)
        .where(_naming.organisation_id == scope.ORGANISATION, dialect.in_list(column[side], "ids"), _IS_ACTIVE)
    )


@cache
def _standing(dialect: Dialect, side: Side) -> AnySelect:
    sources = select(_sources.learner_certification_id, _sources.group_id, _sources.id).where(
        _sources.organisation_id == scope.ORGANISATION, _STANDS
    )
    if side is Side.GROUPS:
        return sources.where(dialect.in_list(_sources.group_id, "ids"))
    column = _records.learner_id if side is Side.LEARNERS else _records.certification_id
    return sources.join(learner_certifications, _OF_RECORD).where(dialect.in_list(column, "ids"))


@cache
def _places(dialect: Dialect) -> AnySelect:
    return (
        select(_records.id, _records.certification_id, _records.learner_id)
        .join(learners, _OF_HOLDER)
        .where(
            _records.organisation_id == scope.ORGANISATION,
            dialect.in_list(_records.id, "ids"),
            _records.archived_at.is_(None),
            _IS_ACTIVE,
        )
    )


@cache
def _kept(dialect: Dialect) -> AnySelect:
    return select(_records.certification_id, _records.learner_id, _records.id).where(
        _records.organisation_id == scope.ORGANISATION,
        dialect.in_list(_records.learner_id, "learner_ids"),
        dialect.in_list(_records.certification_id, "ids"),
        _records.archived_at.is_(None),
    )


async def differing(
    connection: AsyncConnection, organisation_id: UUID, side: Side, ids: Sequence[UUID]
) -> list[Difference]:
    """Where the sources by groups are not those that should stand, for some learners, groups or certifications.

    What should stand: one of each group that a certification names, for each active learner whom the group holds, as
    soon as the certification is in use and has a published version. What stands may go on without the latter. Of an
    inactive learner everything stays as it is (S1, the notification).
    """
    values = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    found = await connection.execute(_wanted(dialect_of(connection), side), values)
    wanted = {(of, learner, group): is_assigned for of, learner, group, is_assigned in found}
    standing = await _sources_standing(connection, values, side)
    missing = [place for place, is_assigned in wanted.items() if is_assigned and place not in standing]
    kept = await _records_at(connection, organisation_id, missing)
    differences = [
        Difference(source, learner, of, group, record)
        for (of, learner, group), (source, record) in standing.items()
        if (of, learner, group) not in wanted
    ]
    differences += [Difference(None, learner, of, group, kept.get((of, learner))) for of, learner, group in missing]
    return sorted(differences, key=lambda each: each.order)


async def _sources_standing(
    connection: AsyncConnection, values: Mapping[str, Any], side: Side
) -> dict[tuple[UUID, UUID, UUID], tuple[UUID, UUID]]:
    """The sources by groups that stand, with their records, by certification, learner and group."""
    dialect = dialect_of(connection)
    rows = (await connection.execute(_standing(dialect, side), dict(values))).all()
    if not rows:
        return {}
    record_ids = {"ids": id_list(connection, list({record for record, _, _ in rows}))}
    found = await connection.execute(_places(dialect), {**values, **record_ids})
    places = {record: (of, learner) for record, of, learner in found}
    return {(*places[record], group): (source, record) for record, group, source in rows if record in places}


async def _records_at(
    connection: AsyncConnection, organisation_id: UUID, places: Sequence[tuple[UUID, UUID, UUID]]
) -> dict[tuple[UUID, UUID], UUID]:
    """The records that learners have in certifications already."""
    if not places:
        return {}
    values = {
        "organisation": organisation_id,
        "ids": id_list(connection, list({of for of, _, _ in places})),
        "learner_ids": id_list(connection, list({learner for _, learner, _ in places})),
    }
    found = await connection.execute(_kept(dialect_of(connection)), values)
    return {(of, learner): id_ for of, learner, id_ in found}
