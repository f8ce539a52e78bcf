"""The exporter: writes lists to files, one export at a time. Any number of workers, on any number of machines."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import orjson
from graphql import FieldNode
from graphql.execution.values import get_variable_values
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal_api.auth import Claims, find_viewer
from portal_api.clock import Clock
from portal_api.context import Context, Viewer
from portal_api.database import Database, Reader
from portal_api.domain.refusals import ErrorCode
from portal_api.exporter.lists import LISTS, root_of, trees
from portal_api.exporter.sheet import Sheet
from portal_api.ids import IdMaker
from portal_api.permissions.exports import check_export
from portal_api.planner.collect import directive_variables
from portal_api.planner.documents import Document
from portal_api.planner.errors import RequestError
from portal_api.planner.execution import Planner, RootField
from portal_api.queries import exports as export_queries
from portal_api.queries.exports import Job
from portal_api.services import exports as export_services
from portal_api.work import Work

LEASE = timedelta(minutes=1)
"""How long a worker may be silent before another takes its export up; each page prolongs it."""
MOST_STARTS = 5
"""How often an export is taken up before it is given up: one that kills its workers must not do so for ever."""
log = logging.getLogger(__name__)


class Lost(Exception):
    """Another worker has the export by now."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    rows: list[dict[str, Any]]
    row_count: int
    is_last: bool


class Exporter:
    """Writes the exports that wait, with the plans that answer clients."""

    def __init__(self, planner: Planner, database: Database, clock: Clock, new_id: IdMaker) -> None:
        """Prepares a document a list.

        Raises:
            ValueError: if the schema does not have what is to be written.
        """
        self._planner = planner
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._documents = {
            list_: Document(tree, {}, directive_variables(tree)) for list_, tree in trees(planner.schema).items()
        }

    async def run_once(self) -> bool:
        """Writes the oldest export that waits; False if there is none. Whatever goes wrong with it is its own matter."""
        job = await self._take()
        if job is None:
            return False
        try:
            await self._write(job)
        except Lost:
            log.warning("export %s was taken up by another worker", job.id)
        except RequestError as refusal:
            log.warning("export %s is refused: %s", job.id, refusal.message)
            await self._fail(job, refusal.code)
        except (DBAPIError, PoolTimeout):  # whoever takes it up when the lease is over begins anew
            log.exception("export %s waits: the database does not do as it should", job.id)
        except Exception:  # whatever it was, the next export is not to blame
            log.exception("export %s failed", job.id)
            await self._fail(job, ErrorCode.INTERNAL)
        return True

    async def run_for_ever(self, *, every: float) -> None:
        """Writes what waits until it is cancelled."""
        while True:
            try:
                while await self.run_once():
                    pass
            except Exception:  # whatever it was, there is a next time
                log.exception("a look at the exports failed")
            await asyncio.sleep(every)

    async def _take(self) -> Job | None:
        now, dialect = self._clock(), self._planner.dialect
        if not await self._database.reader.run(export_queries.is_anything_waiting(dialect, now)):
            return None
        async with self._database.writer(is_patient=True) as connection, connection.begin():
            job = await export_queries.next_job(connection, now)
            if job is None:
                return None
            work = Work.of_clock(connection, job.organisation_id, self._clock, self._new_id)
            if job.version > MOST_STARTS:
                log.error("export %s was begun %d times and never finished", job.id, MOST_STARTS)
                await export_services.fail_export(work, job, ErrorCode.INTERNAL)
                return None
            return await export_services.start_export(work, job, work.now + LEASE)

    async def _write(self, job: Job) -> None:
        exported = LISTS[job.list]
        sheet = Sheet(exported.headings, exported.paths)
        written = 0
        async with self._database.reader.snapshot() as reader:
            async for page in self._pages(job, reader):
                sheet.add(page.rows)
                written += len(page.rows)
                await self._keep(job, sheet.pieces(is_last=page.is_last), written, page.row_count)
        async with self._database.writer(is_patient=True) as connection, connection.begin():
            work = Work.of_clock(connection, job.organisation_id, self._clock, self._new_id)
            if not await export_services.finish_export(work, job):
                raise Lost

    async def _pages(self, job: Job, reader: Reader) -> AsyncGenerator[Page]:
        """The pages of the list as its requester would be answered them now, all at the same instant."""
        context = await self._context(job, reader)
        given: Mapping[str, Any] = orjson.loads(job.arguments)
        after, row_count, is_last = None, 0, False
        while not is_last:
            asked = {**given, "after": after, "counts": after is None}
            answer = await self._answer(job, context, reader, asked)
            row_count = answer.get("totalCount", row_count)
            is_last, after = not answer["pageInfo"]["hasNextPage"], answer["pageInfo"]["endCursor"]
            yield Page(answer["nodes"], row_count, is_last)

    async def _context(self, job: Job, reader: Reader) -> Context:
        """A request of the requester, with the rights that they have now."""
        now = self._clock()
        claims = Claims(job.organisation_id, job.user_id)
        viewer: Viewer = await find_viewer(reader, self._planner.dialect, claims, now)
        check_export(viewer, job.list)
        document = self._documents[job.list]
        return Context(
            viewer=viewer,
            document=document,
            planner=self._planner,
            database=self._database,
            clock=self._clock,
            now=now,
            new_id=self._new_id,
            request_id=f"export {job.id.hex}",
            sign=_signs_nothing,
            react=_changes_nothing,
        )

    async def _answer(self, job: Job, context: Context, reader: Reader, asked: Mapping[str, Any]) -> Any:
        operation = context.document.operation(None)
        schema: Any = self._planner.schema
        variables = get_variable_values(schema, operation.variable_definitions or (), dict(asked))
        if isinstance(variables, list):
            raise variables[0]
        [field] = operation.selection_set.selections
        root = RootField(None, root_of(job.list), schema.query_type, [cast("FieldNode", field)], variables.coerced)
        plan = self._planner.plan(context.document, root)
        return await reader.run(plan.steps(context.run(variables.coerced)))

    async def _keep(self, job: Job, pieces: list[tuple[int, bytes]], written: int, row_count: int) -> None:
        async with self._database.writer(is_patient=True) as connection, connection.begin():
            until = self._clock() + LEASE
            is_held = await export_queries.add(
                connection, job, pieces, written_count=written, row_count=row_count, leased_until=until
            )
        if not is_held:
            raise Lost

    async def _fail(self, job: Job, code: ErrorCode) -> None:
        async with self._database.writer(is_patient=True) as connection, connection.begin():
            work = Work.of_clock(connection, job.organisation_id, self._clock, self._new_id)
            await export_services.fail_export(work, job, code)


def _signs_nothing(*_: object, **__: object) -> str:
    raise LookupError("an export signs no tokens")


async def _changes_nothing(_: Work) -> Mapping[str, Any]:
    raise LookupError("an export changes no records")
