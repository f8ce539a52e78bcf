"""The reference engine itself: lists through a table between, and lists, counts and groupings under values."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from portal_api.context import Viewer
from portal_api.domain.roles import Role
from tests.oracle.answering import Reference
from tests.oracle.engine import Asking, Count, Grouping, Listing, Noun, Value, joined, owned

SDL = """
interface Node { id: ID! }
type Query { report(kind: String!): Report! teams: TeamConnection! }
type Report {
  title: String!
  members(first: Int): MemberConnection!
  number: Int!
  byKind(first: Int): [KindCount!]!
  byTeam: [TeamCount!]!
}
type KindCount { kind: String! count: Int! }
type TeamCount { team: Team count: Int! }
type Team implements Node { id: ID! name: String! members: MemberConnection! led: MemberConnection! }
type Member implements Node { id: ID! kind: String words: [String!]! teams: TeamConnection! }
type TeamConnection { nodes: [Team!]! totalCount: Int! }
type MemberConnection { nodes: [Member!]! totalCount: Int! }
"""


def row(type_: str, number: int, **columns: Any) -> Any:
    return SimpleNamespace(record_type=type_, id=UUID(int=number), **columns)


ROWS = {
    "Learner": [],
    "Team": [row("Team", 1, name="Reds"), row("Team", 2, name="Blues"), row("Team", 3, name="Hidden")],
    "Member": [
        row("Member", 11, kind="cook", words=("a", "b"), leads=UUID(int=1)),
        row("Member", 12, kind="waiter", words=(), leads=UUID(int=3)),
        row("Member", 13, kind="cook", words=("c",), leads=UUID(int=1)),
        row("Member", 14, kind=None, words=("d",), leads=None),
        row("Member", 15, kind="baker", words=(), leads=None),
    ],
    "TeamMember": [
        SimpleNamespace(team_id=UUID(int=team), member_id=UUID(int=member))
        for team, member in ((1, 11), (1, 12), (2, 11), (3, 13))
    ],
}


def of_report(_: Asking, report: Any, member: Any) -> bool:
    return report["kind"] in ("all", member.kind)


TEAM = Noun(
    "Team",
    "tea",
    sees=lambda _, team: team.name != "Hidden",
    root_list="teams",
    lists={
        "members": ("Member", joined("TeamMember", "team_id", "member_id")),
        "led": ("Member", owned("leads")),
    },
)
MEMBER = Noun(
    "Member",
    "mem",
    sees=lambda _, __: True,
    lists={"teams": ("Team", joined("TeamMember", "member_id", "team_id"))},
    for_integration=frozenset({"id", "words"}),
)
REPORT = Value(
    "Report",
    {
        "members": Listing("Member", of_report, most=3),
        "number": Count("Member", of_report),
        "byKind": Grouping("Member", "kind", lambda _, member: member.kind, of_report, limit=2),
        "byTeam": Grouping(
            "Member",
            "team",
            lambda _, member: member.leads,
            of_report,
            limit=5,
            shown=lambda asking, key: asking.record("Team", key),
        ),
    },
)
REFERENCE = Reference(SDL, [TEAM, MEMBER], {"report": lambda _, __, kind: {"title": "All", "kind": kind}}, [REPORT])


def ask(document: str, role: Role = Role.ADMIN) -> Any:
    viewer = Viewer(UUID(int=0), UUID(int=0), role, None)
    asking = REFERENCE.asking(ROWS, viewer, datetime(2026, 3, 2, tzinfo=UTC))
    answer = REFERENCE.answer(asking, document, {})
    return answer.data if not answer.errors else {code for _, code in answer.errors}


def ids(connection: Any) -> list[int]:
    return [int(node["id"][4:], 16) for node in connection["nodes"]]


def test_a_list_through_a_table_between_is_read_from_both_ends() -> None:
    data = ask("{ teams { nodes { name members { nodes { id teams { nodes { name } } } } led { nodes { id } } } } }")

    reds, blues = data["teams"]["nodes"]
    assert ids(reds["members"]) == [11, 12]
    assert ids(blues["members"]) == [11]
    assert ids(reds["led"]) == [11, 13]
    assert [team["name"] for team in reds["members"]["nodes"][0]["teams"]["nodes"]] == ["Reds", "Blues"]


def test_a_list_of_words_is_told_as_it_is() -> None:
    data = ask('{ report(kind: "cook") { members { nodes { words } } } }')
    assert data["report"]["members"]["nodes"] == [{"words": ["a", "b"]}, {"words": ["c"]}]


def test_what_stands_under_a_value_is_what_belongs_to_it() -> None:
    data = ask('{ report(kind: "cook") { title number members { nodes { id } totalCount } byKind { kind count } } }')
    assert data["report"] == {
        "title": "All",
        "number": 2,
        "members": {"nodes": [{"id": f"mem_{11:032x}"}, {"id": f"mem_{13:032x}"}], "totalCount": 2},
        "byKind": [{"kind": "cook", "count": 2}],
    }


def test_the_largest_groups_come_first_and_no_group_is_none() -> None:
    data = ask('{ report(kind: "all") { number byKind { kind count } byTeam { team { name } count } } }')
    assert data["report"] == {
        "number": 5,
        "byKind": [{"kind": "cook", "count": 2}, {"kind": "baker", "count": 1}],
        "byTeam": [{"team": {"name": "Reds"}, "count": 2}, {"team": None, "count": 1}],
    }


@pytest.mark.parametrize(
    ("asked", "code"), [("members(first: 4)", "{ totalCount }"), ("byKind(first: 3)", "{ count }")]
)
def test_more_than_a_page_is_refused(asked: str, code: str) -> None:
    assert ask(f'{{ report(kind: "all") {{ {asked} {code} }} }}') == {"PAGE_INVALID"}
    assert REFERENCE.page_sizes == {"Report.members": 3, "Report.byKind": 2, "Report.byTeam": 5}


def test_to_count_by_a_field_is_to_read_it() -> None:
    assert ask('{ report(kind: "all") { byKind { count } } }', Role.INTEGRATION) == {"FORBIDDEN"}
    assert ask('{ report(kind: "all") { number } }', Role.INTEGRATION)["report"] == {"number": 5}


def test_who_may_not_read_a_field_is_told_so_and_nothing_else() -> None:
    wrong = "members(first: 4) { totalCount }"
    assert ask(f'{{ report(kind: "all") {{ {wrong} byKind {{ count }} }} }}', Role.INTEGRATION) == {"FORBIDDEN"}
    assert ask(f'{{ report(kind: "all") {{ {wrong} byTeam {{ count }} }} }}', Role.INTEGRATION) == {"FORBIDDEN"}
    assert ask(f'{{ report(kind: "all") {{ {wrong} number }} }}', Role.INTEGRATION) == {"PAGE_INVALID"}
