"""Groups of learners, in plain Python."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from portal_api import models
from portal_api.domain.machine import RecordFacts
from portal_api.domain.organisations import GROUPS
from tests.oracle.engine import Asking, Noun, joined, key_of, owned, searching
from tests.oracle.rows import Row, folded, wire


def _conditions(asking: Asking, row: Row) -> list[dict[str, Any]]:
    own = [each for each in asking.rows["GroupCondition"] if each.group_id == row.id]
    return [
        {"attribute": name, "values": sorted(each.value for each in own if each.attribute == name)}
        for name in sorted({each.attribute for each in own})
    ]


def in_group(learner_of: Callable[[Row], UUID]) -> Callable[[Asking, Mapping[str, Any]], Callable[[Row], bool]]:
    """In one of some groups, or in none of them; a group that the viewer does not see holds nobody."""

    def condition(asking: Asking, given: Mapping[str, Any]) -> Callable[[Row], bool]:
        tests = list[tuple[set[UUID], bool]]()
        for name, asked in given.items():
            if asked is not None:
                keys = [key_of(each, "grp") for each in ([asked] if name == "eq" else asked)]
                held = {
                    each.learner_id
                    for each in asking.rows["GroupMember"]
                    if each.group_id in keys and asking.record("Group", each.group_id)
                }
                tests.append((held, name != "notIn"))
        return lambda row: all((learner_of(row) in held) is wanted for held, wanted in tests)

    return condition


GROUP = Noun(
    "Group",
    "grp",
    sees=lambda asking, _: asking.is_administrator,
    tables={
        "Group": models.groups,
        "GroupCondition": models.group_conditions,
        "GroupMember": models.group_members,
    },
    root="group",
    root_list="groups",
    fields={
        "conditions": _conditions,
        "actions": lambda asking, row: GROUPS.actions(asking.viewer.role, RecordFacts(row.status)),
    },
    lists={
        "learners": ("Learner", joined("GroupMember", "group_id", "learner_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "grp"},
    conditions={"search": searching(lambda _, row: [row.name])},
    orders={"NAME": lambda row: folded(row.name), "CREATED_AT": lambda row: wire(row.created_at)},
)
