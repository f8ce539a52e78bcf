"""The administrators of a storm: what each sees, decides and asks, and the log that each keeps of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from portal_api.auth import Claims
from tests.client import Client, Json, codes
from tests.storm.grid import ALLOWED
from tests.storm.log import Call, Row

STEP = timedelta(minutes=6)
"""How long it takes an administrator to decide: so time goes by, and certificates expire meanwhile."""
MOST_AT_ONCE = 4
SENT_AGAIN = 5
"""How often a call is sent again after which one shall come again."""

ON_RECORDS = {
    "overridePayment": "OVERRIDE_PAYMENT",
    "overrideTraining": "OVERRIDE_TRAINING",
    "overrideExam": "OVERRIDE_EXAM",
    "revokeAccess": "REVOKE_ACCESS",
    "forceRecertification": "FORCE_RECERTIFICATION",
    "permanentlyRevoke": "PERMANENTLY_REVOKE",
    "restoreAccess": "RESTORE_ACCESS",
    "removeAssignments": "REMOVE_ASSIGNMENT",
}
"""The mutations on records, and the grid's name for each."""
ASSIGN, JOIN, LEAVE = "assignCertification", "updateLearner (joins)", "updateLearner (leaves)"
WEIGHTS = {
    "overridePayment": 6,
    "overrideTraining": 14,
    "overrideExam": 14,
    "revokeAccess": 12,
    "forceRecertification": 10,
    "permanentlyRevoke": 9,
    "restoreAccess": 14,
    "removeAssignments": 10,
    ASSIGN: 12,
    JOIN: 6,
    LEAVE: 5,
}
"""How often each kind of action is taken."""
_RECORD = """
    ... on LearnerCertification {
      id version status archivedAt learner { id } certification { id }
      sources(last: 5) { nodes { id kind endedAt } }
    }
"""
LIST = f"query($after: String) {{ learnerCertifications(first: 25, after: $after) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {_RECORD} }} }} }}"


def key_of(id_: str) -> str:
    """The key in an identifier of clients."""
    return id_.rpartition("_")[2]


@dataclass(frozen=True)
class Seen:
    """A learner's certification as an administrator saw it last."""

    record: str | None = None
    version: int = 0
    status: str = ""
    sources: tuple[str, ...] = ()
    """The assignments by hand that stood."""


@dataclass
class Board:
    """What administrators have seen of the records, learner by learner: all look at the same screens, too late."""

    certifications: Sequence[str]
    learners: Sequence[str]
    group: Mapping[str, str]
    """The attribute that makes a learner a member of the group that assigns."""
    seen: dict[tuple[str, str], Seen] = field(default_factory=dict[tuple[str, str], Seen])
    versions: dict[str, int] = field(default_factory=dict[str, int])
    """Those of the learners."""

    def see(self, node: Json) -> None:
        """Remembers a record as it is shown."""
        if "sources" not in node:
            self.versions[node["id"]] = node["version"]
            return
        standing = [each for each in node["sources"]["nodes"] if each["kind"] == "MANUAL" and not each["endedAt"]]
        place = node["learner"]["id"], node["certification"]["id"]
        before = self.seen.get(place, Seen())
        if node["archivedAt"]:
            if before.record == node["id"]:
                self.seen[place] = Seen()
        elif before.record != node["id"] or before.version <= node["version"]:
            self.seen[place] = Seen(node["id"], node["version"], node["status"], tuple(each["id"] for each in standing))


class Administrator(Client):
    """Somebody whose day lasts longer than an hour."""

    @property
    def token(self) -> str:
        return self.tokens.sign(Claims(self.organisation.id, self.user.id), now=self.clock(), ttl=timedelta(days=90))


@dataclass
class Desk:
    """An administrator at work: one question after the other, each logged with all its calls."""

    client: Administrator
    board: Board
    random: Random
    new_request: Callable[[], str]
    log: list[Call] = field(default_factory=list[Call])

    async def work(self, questions: int) -> None:
        for _ in range(questions):
            self.client.clock.advance(STEP)  # type: ignore[attr-defined]  the clock of a test
            await self._ask(*self._decide())

    def _decide(self) -> tuple[str, str, Json]:
        """What to do next: the mutation, the grid's name for it, and the input."""
        kind = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if kind in (JOIN, LEAVE):
            return "updateLearner", kind, self._about_a_learner(kind)
        if kind == ASSIGN:
            return ASSIGN, ASSIGN, self._assignments()
        action = ON_RECORDS[kind]
        places = self._places(action)
        given: Json = {"ids": [], "expectedVersions": []}
        for seen in map(self.board.seen.__getitem__, places):
            for id_ in seen.sources[:1] if kind == "removeAssignments" else [seen.record]:
                given["ids"].append(id_)
                given["expectedVersions"].append({"id": id_, "version": seen.version})
        if not given["ids"]:
            return ASSIGN, ASSIGN, self._assignments()
        return kind, action, self._insisting(given)

    def _places(self, action: str) -> list[tuple[str, str]]:
        """Some records: mostly those at which the action seemed open."""
        known = [place for place, seen in self.board.seen.items() if seen.record]
        if self.random.random() < 0.8:
            known = [place for place in known if ALLOWED[action, self.board.seen[place].status]] or known
        return self.random.sample(known, min(self.random.randint(1, MOST_AT_ONCE), len(known)))

    def _assignments(self) -> Json:
        certification = self.random.choice(self.board.certifications)
        without = [each for each in self.board.learners if not self._seen(each, certification).record]
        people = without if without and self.random.random() < 0.7 else self.board.learners
        some = self.random.sample(people, min(self.random.randint(1, MOST_AT_ONCE), len(people)))
        given: Json = {"certificationId": certification, "learnerIds": some}
        if self.random.random() < 0.2:
            known = [each for each in some if each in self.board.versions]
            given["expectedVersions"] = [{"id": each, "version": self.board.versions[each]} for each in known]
        return given

    def _seen(self, learner: str, certification: str) -> Seen:
        return self.board.seen.get((learner, certification), Seen())

    def _about_a_learner(self, kind: str) -> Json:
        learner = self.random.choice(self.board.learners)
        given: Json = {"id": learner, "attributes": [dict(self.board.group)] if kind == JOIN else []}
        if learner in self.board.versions and self.random.random() < 0.3:
            given["expectedVersion"] = self.board.versions[learner]
        return given

    def _insisting(self, given: Json) -> Json:
        """Some insist on what they read; some want all or nothing."""
        if self.random.random() < 0.7:
            del given["expectedVersions"]
        if self.random.random() < 0.05:
            given["errorPolicy"] = "REJECT_EVERYTHING"
        return given

    async def _ask(self, mutation: str, action: str, given: Json) -> None:
        """Asks until there is an answer; some questions carry a key, and some of those are sent twice."""
        question = self.new_request()
        chance = self.random.random()
        if chance < 0.03:
            given["preview"] = True
        elif chance < 0.5:
            given["idempotencyKey"] = question
        sends: list[Awaitable[Call]] = [self._send(question, mutation, action, given)]
        if chance >= 0.42 and "idempotencyKey" in given:
            sends.append(self._send(question, mutation, action, given))  # at once, as if an answer were slow to come
        answers = await asyncio.gather(*sends)
        for _ in range(SENT_AGAIN):
            if not all(call.refusals for call in answers):
                break
            answers = [await self._send(question, mutation, action, given)]
        if 0.34 <= chance < 0.42:
            await self._send(question, mutation, action, given)  # afterwards, as if the answer had been lost

    async def _send(self, question: str, mutation: str, action: str, given: Json) -> Call:
        client, request = self.client, self.new_request()
        asked_at = client.clock()
        answer = await client.execute(_document(mutation), {"input": given}, x_request_id=request)
        answered_at = client.clock()
        payload: Json = (answer.get("data") or {}).get(mutation) or {"results": [], "errors": []}
        for result in payload["results"]:
            if result["node"] and not given.get("preview"):
                self.board.see(result["node"])
        call = Call(
            user=client.user.id.hex,
            question=question,
            request=request,
            action=action,
            asked_at=asked_at,
            answered_at=answered_at,
            rows=[_row(result) for result in payload["results"]],
            certification=key_of(given["certificationId"]) if "certificationId" in given else None,
            expected=_expected(given),
            is_preview=bool(given.get("preview")),
            refusals=[error["code"] for error in payload["errors"]],
            failures=codes(answer),
        )
        self.log.append(call)
        return call


def _document(mutation: str) -> str:
    node = "... on Learner { id version status }" if mutation == "updateLearner" else _RECORD
    return f"""
        mutation Ask($input: {mutation[0].upper()}{mutation[1:]}Input!) {{
          {mutation}(input: $input) {{
            errors {{ code }}
            results {{ id outcome errors {{ code }} node {{ {node} }} }}
          }}
        }}
    """


def _row(result: Json) -> Row:
    node: dict[str, Any] = result["node"] or {}
    return Row(
        given=key_of(result["id"]),
        record=key_of(node["id"]) if node else None,
        outcome=result["outcome"],
        codes=tuple(error["code"] for error in result["errors"]),
        version=node.get("version"),
        status=node.get("status"),
    )


def _expected(given: Json) -> dict[str, int]:
    if "expectedVersion" in given:
        return {key_of(given["id"]): given["expectedVersion"]}
    return {key_of(each["id"]): each["version"] for each in given.get("expectedVersions", ())}


def request_ids(random: Random) -> Callable[[], str]:
    """Makes identifiers of questions and requests."""
    return lambda: UUID(int=random.getrandbits(128)).hex
