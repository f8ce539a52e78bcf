"""The attributes of the learners of the demonstration, and the groups that test them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from portal_api.domain.library import LibraryStatus
from portal_api.ids import IdMaker
from portal_api.importers.days import Days
from portal_api.importers.demo_people import ADDED_ON
from portal_api.importers.writing import NewLearner, Writer
from portal_api.models import group_conditions, groups, learner_attributes
from portal_api.queries import groups as group_queries
from portal_api.queries.folding import fold
from portal_api.queries.groups import Condition

REGION, TEAM = "region", "team"
NORTH = 10
"""Each tenth learner works in the North."""
REGIONS = ("South", "East", "West")
TEAMS = ("Care", "Kitchen", "Warehouse", None)


class _Group(NamedTuple):
    name: str
    conditions: tuple[Condition, ...]
    status: LibraryStatus = LibraryStatus.ACTIVE


NORTHERN = _Group("Northern region", (Condition(REGION, ("North",)),))
KITCHENS = _Group(
    "Kitchens and warehouses, south and east", (Condition(REGION, REGIONS[:2]), Condition(TEAM, TEAMS[1:3]))
)
WESTERN = _Group("Western region (before the move)", (Condition(REGION, REGIONS[2:]),), LibraryStatus.RETIRED)
GROUPS = (NORTHERN, KITCHENS, WESTERN)


class MadeGroup(NamedTuple):
    """A group as it was written, and whom it holds; if it is retired, whom it held."""

    id: UUID
    learner_ids: frozenset[UUID]


async def write_groups(
    writer: Writer, learners: Sequence[NewLearner], ids: IdMaker, days: Days
) -> tuple[MadeGroup, ...]:
    """Writes what is known of learners besides their names, the groups, and who is in those in use.

    Returns:
        The groups, in the order of `GROUPS`.
    """
    held = list(_attributes(learners))
    key = {"organisation_id": writer.organisation_id}
    rows = ({**key, "learner_id": learner.id, "name": name, "value": value} for learner, name, value in held)
    await writer.rows(learner_attributes, "attributes", rows, len(held))
    made_at = days.at(ADDED_ON)
    new = {ids(made_at): each for each in GROUPS}
    made = (
        {
            **key,
            "id": id_,
            "name": each.name,
            "name_key": fold(each.name),
            "status": each.status,
            "created_at": made_at,
            "version": 1,
        }
        for id_, each in new.items()
    )
    await writer.rows(groups, "groups", made, len(new))
    tests = [
        {**key, "group_id": id_, "attribute": condition.attribute, "value": value}
        for id_, each in new.items()
        for condition in each.conditions
        for value in condition.values
    ]
    await writer.rows(group_conditions, "tests of groups", tests, len(tests))
    await group_queries.refresh_memberships(writer.connection, writer.organisation_id)
    known = {(learner.id, name): value for learner, name, value in held}
    return tuple(
        MadeGroup(id_, frozenset(learner.id for learner in learners if _passes(known, learner.id, each.conditions)))
        for id_, each in new.items()
    )


def _passes(known: Mapping[tuple[UUID, str], str], learner_id: UUID, conditions: Sequence[Condition]) -> bool:
    return all(known.get((learner_id, each.attribute)) in each.values for each in conditions)


def _attributes(learners: Sequence[NewLearner]) -> Iterator[tuple[NewLearner, str, str]]:
    for place, learner in enumerate(learners):
        yield learner, REGION, "North" if place % NORTH == 0 else REGIONS[place % len(REGIONS)]
        if team := TEAMS[place // 2 % len(TEAMS)]:
            yield learner, TEAM, team
