"""What is in an exported file, and how it is sent."""

from datetime import timedelta
from typing import Any

import pytest
from graphql import build_schema
from starlette.applications import Starlette

from portal_api.database import Database
from portal_api.domain.certifications import LearnerCertificationStatus
from portal_api.domain.exports import ExportList, ExportStatus
from portal_api.domain.roles import Role
from portal_api.exporter import Exporter
from portal_api.exporter.lists import LISTS, trees
from portal_api.exporter.sheet import PIECE, cell
from portal_api.models import export_pieces, exports
from portal_api.queries import exports as export_queries
from portal_api.schema import executable_schema
from portal_api.ticker import tick
from tests.client import codes, portal_of
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.exporter.conftest import Ask, listed
from tests.exporter.scene import MICROSECOND, many, moves
from tests.factories import DAY, Organisation


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


def test_a_portal_does_not_start_whose_schema_lacks_what_is_exported() -> None:
    assert set(trees(executable_schema())) == set(LISTS)

    with pytest.raises(ValueError, match=r"USERS cannot be exported: .* Cannot query field 'users' on type 'Query'"):
        trees(build_schema("type Query { nothing: Int }"))


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
    if list_ is ExportList.HISTORY_ENTRIES:  # requests and their starts are history too
        for each in (Role.ADMIN, Role.OWNER, role):
            await ask(each, "learners")
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
    assert [move[0] for move in moves(export)] == ["REQUESTED", "STARTED", "FINISHED"]


async def test_a_file_of_several_pages_and_pieces_is_whole_and_in_order(
    organisation: Organisation, sign_in: SignIn, ask: Ask, exporter: Exporter
) -> None:
    many(organisation, 2_345)

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
    assert moves(export)[-1] == ("EXPIRED", "CLOCK", None, 4)
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
