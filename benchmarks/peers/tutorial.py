"""A server as the tutorials of Strawberry and SQLAlchemy build it: mapped classes, async sessions, a loader a relation.

It knows no roles and no walls: whoever asks gets what they ask for, and statuses as they were last stored.
"""

import argparse
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
import uvicorn
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

from portal_api.models.base import Id, Instant

Key = tuple[UUID, UUID]
Session = async_sessionmaker[AsyncSession]


class Base(DeclarativeBase):
    """What every mapped class stands on: keys and instants as the portal stores them."""

    type_annotation_map = {UUID: Id, datetime: Instant}  # noqa: RUF012  SQLAlchemy asks for it so


class LearnerModel(Base):
    __tablename__ = "learners"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    external_ref: Mapped[str]
    given_name: Mapped[str]
    given_name_key: Mapped[str]
    family_name: Mapped[str]
    family_name_key: Mapped[str]
    email: Mapped[str | None]
    status: Mapped[str]
    has_app_access: Mapped[bool]
    manager_id: Mapped[UUID | None]
    first_signed_in_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime | None]
    deactivated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ReportingLineModel(Base):
    __tablename__ = "reporting_lines"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    manager_id: Mapped[UUID] = mapped_column(primary_key=True)
    learner_id: Mapped[UUID] = mapped_column(primary_key=True)


class SeriesModel(Base):
    __tablename__ = "series"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    type: Mapped[str]


class SeriesEnrolmentModel(Base):
    __tablename__ = "series_enrolments"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    learner_id: Mapped[UUID]
    series_id: Mapped[UUID]
    status: Mapped[str]
    enrolled_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    mastered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None]


class CertificationModel(Base):
    __tablename__ = "certifications"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]


class LearnerCertificationModel(Base):
    __tablename__ = "learner_certifications"

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    learner_id: Mapped[UUID]
    certification_id: Mapped[UUID]
    status: Mapped[str]
    expires_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


def by_id(session: Session, model: Any) -> DataLoader[Key, Any]:
    """Loads records by their keys, in one statement."""

    async def load(keys: list[Key]) -> Sequence[Any]:
        wanted = select(model).where(model.organisation_id == keys[0][0], model.id.in_([id_ for _, id_ in keys]))
        async with session() as opened:
            found = {row.id: row for row in await opened.scalars(wanted)}
        return [found.get(id_) for _, id_ in keys]

    return DataLoader(load_fn=load)


def of_learner(session: Session, model: Any, *order: Any, **equal: Any) -> DataLoader[Key, list[Any]]:
    """Loads what belongs to learners, in one statement."""

    async def load(keys: list[Key]) -> list[list[Any]]:
        wanted = (
            select(model)
            .where(model.organisation_id == keys[0][0], model.learner_id.in_([id_ for _, id_ in keys]))
            .filter_by(**equal)
            .order_by(*order)
        )
        found: dict[UUID, list[Any]] = {id_: [] for _, id_ in keys}
        async with session() as opened:
            for row in await opened.scalars(wanted):
                found[row.learner_id].append(row)
        return [found[id_] for _, id_ in keys]

    return DataLoader(load_fn=load)


class Context:
    """What a request has of its own: loaders that remember for as long as it lasts."""

    def __init__(self, session: Session) -> None:
        """Begins with nothing loaded."""
        enrolment, certified = SeriesEnrolmentModel, LearnerCertificationModel
        self.session = session
        self.learners = by_id(session, LearnerModel)
        self.series = by_id(session, SeriesModel)
        self.certifications = by_id(session, CertificationModel)
        self.enrolments_of = of_learner(session, enrolment, enrolment.enrolled_at.desc(), enrolment.id.desc())
        self.certifications_of = of_learner(
            session, certified, certified.expires_at.asc().nulls_last(), certified.id, archived_at=None
        )


Info = strawberry.Info[Context, None]


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Series:
    id: strawberry.ID
    title: str
    type: str


@strawberry.type
class Certification:
    id: strawberry.ID
    title: str


@strawberry.type
class SeriesEnrolment:
    row: strawberry.Private[SeriesEnrolmentModel]
    id: strawberry.ID
    status: str
    enrolled_at: datetime
    starts_at: datetime
    ends_at: datetime
    mastered_at: datetime | None
    withdrawn_at: datetime | None
    withdrawal_reason: str | None

    @strawberry.field
    async def learner(self, info: Info) -> "Learner":
        return learner_of(await info.context.learners.load((self.row.organisation_id, self.row.learner_id)))

    @strawberry.field
    async def series(self, info: Info) -> Series:
        found = await info.context.series.load((self.row.organisation_id, self.row.series_id))
        return Series(id=strawberry.ID(str(found.id)), title=found.title, type=found.type)


@strawberry.type
class SeriesEnrolmentConnection:
    nodes: list[SeriesEnrolment]
    page_info: PageInfo
    total_count: int | None = None


@strawberry.type
class LearnerCertification:
    row: strawberry.Private[LearnerCertificationModel]
    id: strawberry.ID
    status: str
    expires_at: datetime | None

    @strawberry.field
    async def certification(self, info: Info) -> Certification:
        found = await info.context.certifications.load((self.row.organisation_id, self.row.certification_id))
        return Certification(id=strawberry.ID(str(found.id)), title=found.title)


@strawberry.type
class LearnerCertificationConnection:
    nodes: list[LearnerCertification]


@strawberry.type
class Learner:
    row: strawberry.Private[LearnerModel]
    id: strawberry.ID
    external_ref: str
    given_name: str
    family_name: str
    email: str | None
    status: str
    last_activity_at: datetime | None
    deactivated_at: datetime | None
    has_app_access: bool
    first_signed_in_at: datetime | None
    created_at: datetime

    @strawberry.field
    async def manager(self, info: Info) -> "Learner | None":
        if self.row.manager_id is None:
            return None
        return learner_of(await info.context.learners.load((self.row.organisation_id, self.row.manager_id)))

    @strawberry.field
    async def series_enrolments(self, info: Info, first: int) -> SeriesEnrolmentConnection:
        found = await info.context.enrolments_of.load((self.row.organisation_id, self.row.id))
        return enrolments_in(found, first, len(found))

    @strawberry.field
    async def certifications(self, info: Info, first: int) -> LearnerCertificationConnection:
        found = await info.context.certifications_of.load((self.row.organisation_id, self.row.id))
        return LearnerCertificationConnection(
            nodes=[
                LearnerCertification(
                    row=row, id=strawberry.ID(str(row.id)), status=row.status, expires_at=row.expires_at
                )
                for row in found[:first]
            ]
        )


@strawberry.type
class LearnerConnection:
    nodes: list[Learner]
    page_info: PageInfo


def learner_of(row: LearnerModel) -> Learner:
    """The type's view of a row."""
    return Learner(
        row=row,
        id=strawberry.ID(str(row.id)),
        external_ref=row.external_ref,
        given_name=row.given_name,
        family_name=row.family_name,
        email=row.email,
        status=row.status,
        last_activity_at=row.last_activity_at,
        deactivated_at=row.deactivated_at,
        has_app_access=row.has_app_access,
        first_signed_in_at=row.first_signed_in_at,
        created_at=row.created_at,
    )


def enrolment_of(row: SeriesEnrolmentModel) -> SeriesEnrolment:
    """The type's view of a row."""
    return SeriesEnrolment(
        row=row,
        id=strawberry.ID(str(row.id)),
        status=row.status,
        enrolled_at=row.enrolled_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        mastered_at=row.mastered_at,
        withdrawn_at=row.withdrawn_at,
        withdrawal_reason=row.withdrawal_reason,
    )


def page_info(rows: Sequence[Any], first: int) -> PageInfo:
    """Of rows, of which one more than the page holds was asked for."""
    return PageInfo(has_next_page=len(rows) > first, end_cursor=str(rows[:first][-1].id) if rows else None)


def enrolments_in(
    rows: Sequence[SeriesEnrolmentModel], first: int, total: int | None = None
) -> SeriesEnrolmentConnection:
    """A page of enrolments."""
    nodes = [enrolment_of(row) for row in rows[:first]]
    return SeriesEnrolmentConnection(nodes=nodes, page_info=page_info(rows, first), total_count=total)


@strawberry.type
class Query:
    @strawberry.field
    async def learners(self, info: Info, organisation: UUID, manager: UUID, first: int) -> LearnerConnection:
        model, line = LearnerModel, ReportingLineModel
        reports = select(line.learner_id).where(line.organisation_id == organisation, line.manager_id == manager)
        wanted = (
            select(model)
            .where(model.organisation_id == organisation, or_(model.id == manager, model.id.in_(reports)))
            .order_by(model.family_name_key, model.given_name_key, model.id)
            .limit(first + 1)
        )
        async with info.context.session() as opened:
            found = (await opened.scalars(wanted)).all()
        return LearnerConnection(nodes=[learner_of(row) for row in found[:first]], page_info=page_info(found, first))

    @strawberry.field
    async def learner(self, info: Info, organisation: UUID, id: UUID) -> Learner | None:
        found = await info.context.learners.load((organisation, id))
        return learner_of(found) if found else None

    @strawberry.field
    async def series_enrolments(
        self, info: Info, organisation: UUID, series: UUID, first: int
    ) -> SeriesEnrolmentConnection:
        model = SeriesEnrolmentModel
        wanted = (
            select(model)
            .where(model.organisation_id == organisation, model.series_id == series)
            .order_by(model.id)
            .limit(first + 1)
        )
        async with info.context.session() as opened:
            found = (await opened.scalars(wanted)).all()
        return enrolments_in(found, first)


class Application(GraphQL[Context, None]):
    """Strawberry's own ASGI application."""

    def __init__(self, session: Session) -> None:
        """Serves the small schema."""
        super().__init__(strawberry.Schema(Query), graphql_ide=None)
        self._session = session

    async def get_context(self, request: Any, response: Any) -> Context:
        return Context(self._session)


def main() -> None:
    """Serves it under the same uvicorn as the portal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.tutorial", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    engine = create_async_engine(os.environ["PORTAL_DATABASE_URL"])
    uvicorn.run(
        Application(async_sessionmaker(engine, expire_on_commit=False)),
        host="127.0.0.1",
        port=parser.parse_args().port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    main()
