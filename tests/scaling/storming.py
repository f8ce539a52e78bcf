"""Many at once who change the same learners and read them again, at several processes; and what the history says of it."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from time import perf_counter

from portal_api.domain.roles import Role
from portal_api.models import history_entries
from tests import invariants
from tests.factories import Organisation, Record
from tests.scaling.serving import Somebody, somebody

READ = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Learner { version givenName seriesEnrolments(first: 5) { nodes { id status } } } } }"
RENAME = """
mutation($input: UpdateLearnerInput!) { updateLearner(input: $input) {
    results { id outcome node { version givenName } errors { code } } errors { code }
} }
"""
DEACTIVATE = """
mutation($input: %sLearnersInput!) { done: %sLearners(input: $input) {
    results { id outcome node { version } errors { code } } errors { code }
} }
"""
TURN_OFF = DEACTIVATE % ("Deactivate", "deactivate")
TURN_ON = DEACTIVATE % ("Reactivate", "reactivate")
ROWS = 20
"""Learners that are named in one call."""


@dataclass
class Storm:
    """What was answered."""

    changed: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    """The learners that were changed, by the version that each answer gave them."""
    requests: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    seconds: float = 0

    @property
    def told(self) -> str:
        """Its figures."""
        each = ", ".join(f"{number} {what}" for what, number in sorted(self.requests.items()))
        rate = self.requests.total() / self.seconds
        return f"{each} in {self.seconds:.0f} s, {rate:.0f} requests/s; {self.changed.total()} rows changed; refused: {dict(self.refused)}"


async def storm(
    organisation: Organisation, addresses: list[str], random: Random, *, people: int, turns: int, writes: float
) -> Storm:
    """Has so many administrators take so many turns each, a part of which are changes; each reads what it has changed.

    Raises:
        AssertionError: if one is answered an error, or does not read what it has written.
    """
    learners = [organisation.learner() for _ in range(ROWS * 5)]
    users = [organisation.user(Role.ADMIN) for _ in range(people)]
    await organisation.save()
    made = Storm()
    async with AsyncExitStack() as held:
        asking = [await held.enter_async_context(somebody(organisation, user)) for user in users]
        begun = perf_counter()
        await asyncio.gather(
            *(_take_turns(made, one, addresses, learners, Random(random.random()), turns, writes) for one in asking)
        )
        made.seconds = perf_counter() - begun
    return made


async def _take_turns(
    made: Storm, one: Somebody, addresses: list[str], learners: list[Record], random: Random, turns: int, writes: float
) -> None:
    for _ in range(turns):
        if random.random() >= writes:
            made.requests["reads"] += 1
            ids = [each.gid for each in random.sample(learners, ROWS)]
            nodes = (await one.ask(random.choice(addresses), READ, {"ids": ids}))["nodes"]
            assert [each["id"] for each in nodes] == ids
        elif random.random() < 0.5:
            await _rename(made, one, addresses, random.choice(learners), random)
        else:
            await _switch(made, one, addresses, random.sample(learners, ROWS), random)


async def _rename(made: Storm, one: Somebody, addresses: list[str], learner: Record, random: Random) -> None:
    made.requests["renamings, each read again"] += 1
    given = {"id": learner.gid, "givenName": f"Name {random.getrandbits(32)}"}
    answer = (await one.ask(random.choice(addresses), RENAME, {"input": given}))["updateLearner"]
    _count(made, answer)
    for row in answer["results"]:
        if row["outcome"] == "CHANGED":
            [read] = (await one.ask(random.choice(addresses), READ, {"ids": [learner.gid]}))["nodes"]
            assert read["version"] >= row["node"]["version"], "somebody has not read what they had written"


async def _switch(made: Storm, one: Somebody, addresses: list[str], learners: list[Record], random: Random) -> None:
    made.requests["switchings of many"] += 1
    document, more = random.choice(((TURN_OFF, {"reason": "OTHER"}), (TURN_ON, {})))
    given = {"ids": [each.gid for each in learners], **more}
    _count(made, (await one.ask(random.choice(addresses), document, {"input": given}))["done"])


def _count(made: Storm, answer: dict[str, list[dict[str, object]]]) -> None:
    made.refused.update(str(each["code"]) for each in answer["errors"])
    for row in answer["results"]:
        node, errors = row["node"], row["errors"]
        if row["outcome"] == "CHANGED":
            assert isinstance(node, dict)
            made.changed[str(row["id"]), node["version"]] += 1
        made.refused.update(each["code"] for each in errors if isinstance(errors, list))  # type: ignore[union-attr]  a list it is


async def check(made: Storm, organisation: Organisation) -> None:
    """Holds the answers against the history: one entry for each row that was changed, and none besides."""
    entries = Counter(
        (f"lrn_{row['subject_id'].hex}", row["version"])
        for row in await organisation.stored(history_entries)
        if row["actor_id"] is not None
    )
    assert entries == made.changed
    assert set(made.changed.values()) == {1}
    await invariants.check(organisation.database, organisation.id)
