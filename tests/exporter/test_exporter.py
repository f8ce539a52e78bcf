"""The exporter: a file says what the list's pages say; whatever befalls a worker, each export is written once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from portal_api.database import Database
from portal_api.domain.certifications import LearnerCertificationStatus
from portal_api.domain.exports import ExportList, ExportStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.exporter import LEASE, MOST_STARTS, Exporter
from portal_api.exporter.lists import LISTS
from portal_api.exporter.sheet import PIECE, cell
from portal_api.ids import global_id
from portal_api.models import export_pieces, exports, learners, roles, series_enrolments
from portal_api.queries import exports as export_queries
from portal_api.queries.exports import Job
from portal_api.ticker import tick
from tests.api.cases import case_of
from tests.client import codes, portal_of
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.exporter.conftest import Ask, Asked, listed
from tests.factories import DAY, Organisation, Record

MICROSECOND = timedelta(microseconds=1)


def _moves(export: Any) -> list[tuple[str, str, str | None, int]]:
    return [
        (entry["action"].removeprefix("EXPORT_"), entry["actorKind"], entry["reason"], entry["subjectVersion"])
        for entry in sorted(export["history"]["nodes"], key=lambda each: each["subjectVersion"])
    ]


def _many(organisation: Organisation, number: int, *, learners_: list[Record] | None = None) -> None:
    """Enrolments that have ended, so that a learner may have many in a series."""
    people = learners_ or [organisation.learner() for _ in range(20)]
    taken = organisation.series()
    for n in range(number):
        organisation.enrolment(people[n % len(people)], taken, SeriesEnrolmentStatus.MASTERED)


def _certify(organisation: Organisation) -> None:
    """Records at each status of somebody in the team and somebody else, in certifications of which one is retired."""
    dear = organisation.certification(is_published=False, title="=Dear")
    organisation.certification_version(dear, initial_fee=9_900, recertification_fee=4_900)
    retired = organisation.certification(is_active=False)
    for reports_to in (organisation.own[Role.MANAGER], None):
        for place, status in enumerate(LearnerCertificationStatus):
            of = dear if place % 3 else retired
            organisation.learner_certification(organisation.learner(reports_to=reports_to), of, status)
    gone = organisation.learner()
    organisation.learner_certification(
        gone, dear, LearnerCertificationStatus.ASSIGNED, archived_at=organisation.clock()
    )
    organisation.access_request(organisation.own[Role.LEARNER], dear)


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.MANAGER])
@pytest.mark.parametrize(
    ("root", "list_", "arguments"),
    [
        ("learners", ExportList.LEARNERS, {}),
        (
            "learners",
            ExportList.LEARNERS,
            {
                "filter": {"status": {"in": ["ACTIVE"]}, "createdAt": {"gte": "2026-01-01T00:00:00+13:00"}},
                "orderBy": [{"field": "FAMILY_NAME", "direction": "DESC"}, {"field": "CREATED_AT"}],
            },
        ),
        ("seriesLibrary", ExportList.SERIES_LIBRARY, {"orderBy": [{"field": "TITLE"}]}),
        ("seriesEnrolments", ExportList.SERIES_ENROLMENTS, {}),
        (
            "seriesEnrolments",
            ExportList.SERIES_ENROLMENTS,
            {
                "filter": {"status": {"notIn": ["WITHDRAWN"]}, "isOverdue": {"eq": False}, "dueOn": {"isNull": True}},
                "orderBy": [{"field": "ENDS_AT"}],
            },
        ),
        ("certifications", ExportList.CERTIFICATIONS, {"orderBy": [{"field": "TITLE"}]}),
        ("learnerCertifications", ExportList.LEARNER_CERTIFICATIONS, {}),
        (
            "learnerCertifications",
            ExportList.LEARNER_CERTIFICATIONS,
            {
                "filter": {"status": {"notIn": ["REVOKED"]}, "isCertificateValid": {"eq": False}},
                "orderBy": [{"field": "STATUS"}, {"field": "CERTIFICATION_TITLE"}, {"field": "FAMILY_NAME"}],
            },
        ),
        ("approvals", ExportList.APPROVALS, {}),
        ("approvals", ExportList.APPROVALS, {"filter": {"status": {"eq": "PENDING"}, "kind": {"in": ["EVIDENCE"]}}}),
        ("historyEntries", ExportList.HISTORY_ENTRIES, {}),
    ],
)
async def test_a_file_says_what_the_pages_of_its_list_say(
    organisation: Organisation,
    sign_in: SignIn,
    ask: Ask,
    exporter: Exporter,
    role: Role,
    root: str,
    list_: ExportList,
    arguments: Any,
) -> None:
    own = organisation.own[Role.MANAGER]
    organisation.every_status()
    organisation.every_status(organisation.learner(reports_to=own))
    organisation.learner(is_active=False, deactivation_note="Left, “for good”\r\nreally", reports_to=own)
    organisation.series(is_active=False)
    _certify(organisation)
    for each in (Role.ADMIN, Role.OWNER):
        await ask(each, "learners")
        assert await exporter.run_once()
    if list_ is ExportList.HISTORY_ENTRIES:  # the request and its start are history too
        await ask(role, "learners")
        assert await exporter.run_once()

    asked = await ask(role, root, **arguments)
    assert await exporter.run_once()
    export, rows = await asked.poll(), await asked.rows()

    by_pages = await listed(
        sign_in(role), root, LISTS[list_].paths, arguments.get("filter"), arguments.get("orderBy"), page=3
    )
    if list_ is ExportList.HISTORY_ENTRIES:  # it was finished after its own rows were read
        own_end = [row for row in by_pages if (row[6], row[8]) == ("EXPORT_FINISHED", asked.id)]
        by_pages = [row for row in by_pages if row not in own_end]
        assert len(own_end) == 1
    assert rows[0] == list(LISTS[list_].headings)
    assert rows[1:] == by_pages
    assert len(rows) > 1
    assert export["progress"] == {"writtenCount": len(rows) - 1, "rowCount": len(rows) - 1}
    assert export["status"] == "READY"
    assert [move[0] for move in _moves(export)] == ["REQUESTED", "STARTED", "FINISHED"]


async def test_a_file_of_several_pages_and_pieces_is_whole_and_in_order(
    organisation: Organisation, sign_in: SignIn, ask: Ask, exporter: Exporter
) -> None:
    _many(organisation, 2_345)

    asked = await ask(Role.ADMIN, "seriesEnrolments", orderBy=[{"field": "ENDS_AT", "direction": "DESC"}])
    assert await exporter.run_once()

    paths = LISTS[ExportList.SERIES_ENROLMENTS].paths
    by_pages = await listed(
        sign_in(Role.ADMIN), "seriesEnrolments", paths, order=[{"field": "ENDS_AT", "direction": "DESC"}]
    )
    assert (await asked.rows())[1:] == by_pages
    assert len(by_pages) == 2_345
    pieces = await organisation.stored(export_pieces)
    assert len(pieces) > 1
    assert {len(piece["content"]) for piece in pieces[:-1]} == {PIECE}


async def test_a_file_is_sent_as_an_attachment_that_nobody_keeps(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock
) -> None:
    asked = await ask(Role.ADMIN, "learners")
    await exporter.run_once()

    response = await asked.fetch()

    assert response.headers["content-disposition"] == 'attachment; filename="learners-2026-03-02.csv"'
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-length"] == str(len(response.content))
    assert not response.content.startswith(b"\xef\xbb\xbf")
    assert response.content.count(b"\r\n") == response.content.count(b"\n") == 3


async def test_no_cell_is_a_formula(organisation: Organisation, ask: Ask, exporter: Exporter) -> None:
    names = ["=1+1", "+61", "-2", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x","y")', "a=b", "'=", "Zoë, “x”\n"]
    for name in names:
        organisation.learner(given_name="A", family_name=name)

    asked = await ask(Role.ADMIN, "learners", filter={"search": "A"}, orderBy=[{"field": "CREATED_AT"}])
    await exporter.run_once()

    heading, *rows = await asked.rows()
    written = [row[heading.index("Family name")] for row in rows if row[heading.index("Given name")] == "A"]
    assert sorted(written) == sorted(f"'{name}" if name[0] in "=+-@\t\r" else name for name in names)


@pytest.mark.parametrize(
    ("value", "written"),
    [(-3, "-3"), (-1.5, "-1.5"), (True, "true"), (None, ""), (["=a", "b"], "'=a b"), ([], ""), ("", ""), ("-3", "'-3")],
)
def test_numbers_are_no_formulas(value: Any, written: str) -> None:
    assert cell(value) == written


async def test_a_manager_exports_their_reports_and_no_notes(
    organisation: Organisation, ask: Ask, exporter: Exporter
) -> None:
    manager = organisation.own[Role.MANAGER]
    left = organisation.learner(reports_to=manager, is_active=False, deactivation_note="for administrators")
    organisation.learner()

    asked = await ask(Role.MANAGER, "learners")
    await exporter.run_once()

    heading, *rows = await asked.rows()
    assert {row[0] for row in rows} == {manager.gid, organisation.own[Role.LEARNER].gid, left.gid}
    assert {row[heading.index("Deactivation note")] for row in rows} == {""}
    assert {row[heading.index("Deactivation reason")] for row in rows} == {""}


async def _set(organisation: Organisation, table: Any, where: Any, **values: Any) -> None:
    async with organisation.database.engine.begin() as connection:
        await connection.execute(
            update(table).where(table.c.organisation_id == organisation.id, where).values(**values)
        )


@pytest.mark.parametrize("role", [None, Role.TRAINER, Role.LEARNER])
async def test_a_role_lost_before_its_turn_has_the_export_fail(
    organisation: Organisation, ask: Ask, exporter: Exporter, sign_in: SignIn, role: Role | None
) -> None:
    asked = await ask(Role.MANAGER, "learners")
    await _set(organisation, roles, roles.c.user_id == organisation.staff[Role.MANAGER].id, role=role)

    assert await exporter.run_once()

    export = await Asked(sign_in(Role.OWNER), asked.id).poll()
    assert (export["status"], export["url"], export["finishedAt"] is None) == ("FAILED", None, False)
    reason = "UNAUTHENTICATED" if role is None else "FORBIDDEN"
    assert _moves(export)[1:] == [("STARTED", "CLOCK", None, 2), ("FAILED", "CLOCK", reason, 3)]
    assert await organisation.stored(export_pieces) == []
    assert not await exporter.run_once()


async def test_the_rights_are_those_of_the_moment_when_it_is_written(
    organisation: Organisation, ask: Ask, exporter: Exporter
) -> None:
    organisation.learner()
    asked = await ask(Role.ADMIN, "learners")
    user = organisation.staff[Role.ADMIN]
    linked = organisation.learner()
    await organisation.save()
    await _set(organisation, roles, roles.c.user_id == user.id, role=Role.MANAGER, learner_id=linked.id)

    await exporter.run_once()

    assert [row[0] for row in (await asked.rows())[1:]] == [linked.gid]


async def test_a_finished_export_can_be_fetched_when_its_learners_are_inactive(
    organisation: Organisation, ask: Ask, exporter: Exporter
) -> None:
    asked = await ask(Role.ADMIN, "learners")
    await exporter.run_once()
    before = await asked.rows()

    ids = [row["id"] for row in organisation.rows[learners]]
    payload = await case_of("deactivateLearners").payload(asked.client, *(global_id("lrn", id_) for id_ in ids))
    assert payload["counts"]["changed"] == len(ids) > 0

    assert await asked.rows() == before


class Interrupted(Exporter):
    """A worker to which something happens after a page."""

    def __init__(self, exporter: Exporter, after: int, what: Any) -> None:
        super().__init__(exporter._planner, exporter._database, exporter._clock, exporter._new_id)
        self._left, self._what = after, what

    async def _keep(self, job: Job, pieces: list[tuple[int, bytes]], written: int, row_count: int) -> None:
        await super()._keep(job, pieces, written, row_count)
        self._left -= 1
        if self._left == 0:
            await self._what()


async def _dies() -> None:
    raise asyncio.CancelledError


async def test_an_export_whose_worker_died_is_written_anew_when_its_lease_is_over(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock, sign_in: SignIn
) -> None:
    _many(organisation, 2_100)
    asked = await ask(Role.ADMIN, "seriesEnrolments")

    with pytest.raises(asyncio.CancelledError):
        await Interrupted(exporter, 2, _dies).run_once()

    halfway = await asked.poll()
    assert (halfway["status"], halfway["progress"]) == ("RUNNING", {"writtenCount": 2_000, "rowCount": 2_100})
    assert not await exporter.run_once()
    clock.advance(LEASE - MICROSECOND)
    assert not await exporter.run_once()
    clock.advance(MICROSECOND)
    assert await exporter.run_once()
    export, rows = await asked.poll(), await asked.rows()
    by_pages = await listed(sign_in(Role.ADMIN), "seriesEnrolments", LISTS[ExportList.SERIES_ENROLMENTS].paths)
    assert rows[1:] == by_pages
    assert len({row[0] for row in rows[1:]}) == len(rows) - 1 == 2_100
    assert export["progress"] == {"writtenCount": 2_100, "rowCount": 2_100}
    assert [move[0] for move in _moves(export)] == ["REQUESTED", "STARTED", "STARTED", "FINISHED"]


async def test_a_worker_that_was_thought_dead_writes_no_more(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock, sign_in: SignIn
) -> None:
    _many(organisation, 2_100)
    asked = await ask(Role.ADMIN, "seriesEnrolments")

    async def another_takes_it_up() -> None:
        clock.advance(LEASE)
        assert await exporter.run_once()

    assert await Interrupted(exporter, 1, another_takes_it_up).run_once()

    rows = await asked.rows()
    assert len(rows) == len({row[0] for row in rows}) == 2_101
    assert [move[0] for move in _moves(await asked.poll())] == ["REQUESTED", "STARTED", "STARTED", "FINISHED"]


async def test_an_export_that_kills_its_workers_is_given_up(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock
) -> None:
    asked = await ask(Role.ADMIN, "learners")
    for _ in range(MOST_STARTS):
        with pytest.raises(asyncio.CancelledError):
            await Interrupted(exporter, 1, _dies).run_once()
        clock.advance(LEASE)

    assert not await exporter.run_once()

    export = await asked.poll()
    assert export["status"] == "FAILED"
    assert _moves(export)[-1] == ("FAILED", "CLOCK", "INTERNAL", MOST_STARTS + 2)


async def test_a_fault_ends_its_own_export_and_no_other(
    organisation: Organisation, ask: Ask, exporter: Exporter, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks() -> None:
        raise RuntimeError("the disk is full of numbers")

    broken, next_ = await ask(Role.ADMIN, "learners"), await ask(Role.ADMIN, "seriesLibrary")

    assert await Interrupted(exporter, 1, breaks).run_once()
    assert await exporter.run_once()

    assert _moves(await broken.poll())[-1] == ("FAILED", "CLOCK", "INTERNAL", 3)
    assert (await next_.poll())["status"] == "READY"
    assert "the disk is full of numbers" in caplog.text


async def test_two_workers_at_once_write_each_export_once(
    organisation: Organisation, ask: Ask, exporter: Exporter, app: Starlette
) -> None:
    portal = portal_of(app)
    other = Exporter(portal.planner, portal.database, portal.clock, portal.new_id)
    all_asked = [await ask(Role.ADMIN, list_) for list_ in ("learners", "seriesLibrary", "historyEntries")]

    async def works(worker: Exporter) -> int:
        done = 0
        while await worker.run_once():
            done += 1
        return done

    assert sum(await asyncio.gather(works(exporter), works(other))) == 3
    for asked in all_asked:
        assert [move[0] for move in _moves(await asked.poll())] == ["REQUESTED", "STARTED", "FINISHED"]


async def test_the_oldest_is_written_first(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock
) -> None:
    first = await ask(Role.ADMIN, "learners")
    clock.advance(MICROSECOND)
    second = await ask(Role.OWNER, "learners")

    await exporter.run_once()

    assert ((await first.poll())["status"], (await second.poll())["status"]) == ("READY", "QUEUED")


async def test_while_an_export_is_written_others_write_and_it_does_not_see_it(
    organisation: Organisation, ask: Ask, exporter: Exporter
) -> None:
    _many(organisation, 1_500)
    asked = await ask(Role.ADMIN, "seriesEnrolments")

    async def somebody_adds() -> None:
        _many(organisation, 5)
        await organisation.save()

    await Interrupted(exporter, 1, somebody_adds).run_once()

    assert len(await asked.rows()) == 1_501
    assert len(await organisation.stored(series_enrolments)) == 1_505


async def test_a_file_is_forgotten_after_a_day(
    organisation: Organisation,
    ask: Ask,
    exporter: Exporter,
    clock: ManualClock,
    own_database: Database,
    new_id: RepeatableIds,
) -> None:
    asked = await ask(Role.ADMIN, "learners")
    await exporter.run_once()
    url = (await asked.poll())["url"]
    clock.advance(DAY - MICROSECOND)
    assert await tick(own_database, clock, new_id) == 0
    assert (await asked.fetch()).status_code == 200
    assert url != (await asked.poll())["url"]
    late = (await asked.poll())["url"]
    clock.advance(MICROSECOND)
    assert (await asked.client.http.get(late)).status_code == 404
    clock.advance(DAY)

    assert await tick(own_database, clock, new_id) == 1

    export = await asked.poll()
    assert (export["status"], export["url"]) == ("EXPIRED", None)
    assert _moves(export)[-1] == ("EXPIRED", "CLOCK", None, 4)
    assert await organisation.stored(export_pieces) == []
    assert await tick(own_database, clock, new_id) == 0


async def test_a_link_that_does_not_hold_leads_nowhere_whatever_is_wrong_with_it(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock, app: Starlette, new_id: RepeatableIds
) -> None:
    asked = await ask(Role.ADMIN, "learners")
    await exporter.run_once()
    good: str = (await asked.poll())["url"]
    waiting = await ask(Role.ADMIN, "learners")
    links, http = portal_of(app).links, asked.client.http
    now, id_ = clock(), (await organisation.stored(exports))[0]["id"]
    other = new_id(now)
    waiting_id = next(row["id"] for row in await organisation.stored(exports) if row["status"] is ExportStatus.QUEUED)
    assert (await http.get(good)).status_code == 200

    head, payload, signature = good.removeprefix("/exports/").split(".")
    wrong = [
        "/exports/nonsense",
        f"/exports/{head}.{payload}.{signature[:-4]}AAAA",
        f"/exports/{asked.client.token}",
        links.sign(organisation.id, other, now),
        links.sign(other, id_, now),
        links.sign(organisation.id, waiting_id, now),
        links.sign(organisation.id, id_, now - timedelta(minutes=5)),
    ]
    answers = [await http.get(url) for url in wrong]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    clock.advance(timedelta(minutes=5) - MICROSECOND)
    assert (await http.get(good)).status_code == 200
    clock.advance(MICROSECOND)
    assert (await http.get(good)).status_code == 404
    assert (await waiting.poll())["url"] is None


async def test_a_link_opens_no_other_door(organisation: Organisation, ask: Ask, exporter: Exporter) -> None:
    asked = await ask(Role.ADMIN, "learners")
    await exporter.run_once()
    link = (await asked.poll())["url"].removeprefix("/exports/")

    answer = await asked.client.execute("{ viewer { role } }", authorization=f"Bearer {link}")

    assert codes(answer) == ["UNAUTHENTICATED"]


async def test_a_file_that_is_forgotten_while_it_is_sent_does_not_end_as_if_it_were_whole(
    organisation: Organisation, ask: Ask, exporter: Exporter, app: Starlette
) -> None:
    portal = portal_of(app)
    asked = await ask(Role.ADMIN, "learners")
    await exporter.run_once()
    [row] = await organisation.stored(exports)
    assert asked.id.endswith(row["id"].hex)

    with pytest.raises(LookupError):
        await portal.database.reader.run(export_queries.piece(portal.planner.dialect, organisation.id, row["id"], 1))


async def test_a_portal_that_is_served_exports_by_itself_until_it_stops(
    organisation: Organisation, ask: Ask, app: Starlette
) -> None:
    import gc

    asked, thresholds = await ask(Role.ADMIN, "learners"), gc.get_threshold()

    async with app.router.lifespan_context(app):
        for _ in range(400):
            if (await asked.poll())["status"] == "READY":
                break
            await asyncio.sleep(0.01)

    gc.unfreeze()
    gc.set_threshold(*thresholds)
    assert (await asked.poll())["status"] == "READY"
    assert not [task for task in asyncio.all_tasks() if "run_for_ever" in repr(task)]
