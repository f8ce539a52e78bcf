"""Requests that are broken at random: whatever comes of them, it is no fault of ours and shows nothing of the inside."""

import os
import re
from collections import Counter
from random import Random
from typing import Any

import orjson
import pytest

from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from tests.api.cases import WHY
from tests.api.tidiness import tidy
from tests.client import Json
from tests.conftest import SignIn
from tests.factories import Organisation

SEED, NUMBER = "PORTAL_TEST_FUZZ_SEED", "PORTAL_TEST_FUZZ_REQUESTS"
"""The long proof again with the seed that it printed, or with more requests."""
REQUESTS, MANY_REQUESTS = 300, 5_000

DOCUMENTS = (
    "query Mine { viewer { role organisation { id name } user { name } learner { id } limits { pageSize } } }",
    """
    query List($n: Int = 3, $filter: LearnerFilter, $after: String, $with: Boolean = true) {
      learners(first: $n, after: $after, filter: $filter, orderBy: [{field: FAMILY_NAME, direction: DESC}]) {
        totalCount pageInfo { hasNextPage endCursor }
        edges { cursor node { ...person manager @include(if: $with) { ...person } } }
      }
    }
    fragment person on Learner { id givenName status createdAt actions { action available reasons { code } } }
    """,
    """
    query One($id: ID!, $ref: String) {
      node(id: $id) { __typename id ... on Learner { email } ... on SeriesEnrolment { status series { title } } }
      learner(externalRef: $ref) { history(last: 5) { nodes { action subject { id } occurredAt note } } }
    }
    """,
    """
    query Enrolments($in: SeriesEnrolmentFilter) {
      open: seriesEnrolments(first: 2, filter: $in) { nodes { id startsAt endsAt withdrawalReason version } }
      ended: seriesEnrolments(filter: {status: {in: [MASTERED, WITHDRAWN]}}) { totalCount }
      seriesEnrolmentIds(filter: $in, limit: 10) { ids totalCount }
      seriesLibrary(last: 3) { nodes { enrolments(first: 2) { nodes { learner { id } } } } }
    }
    """,
    """
    query Rules { stateMachine(kind: SERIES_ENROLMENT) { statuses { status } rules { action roles cells { source } } } }
    """,
    'query Past { historyEntries(first: 4, filter: {occurredAt: {gte: "2026-01-01T00:00:00Z"}}) { nodes { id } } }',
    f"""
    mutation Withdraw($input: WithdrawSeriesEnrolmentsInput!) {{
      withdrawSeriesEnrolments(input: $input) {{
        counts {{ changed refused }} errors {{ ...why }} results {{ index outcome node {{ id status }} errors {{ ...why }} }}
      }}
    }}
    {WHY}
    """,
    """
    mutation Both($ids: [ID!]!, $key: String) {
      off: deactivateLearners(input: {ids: $ids, reason: OTHER, idempotencyKey: $key}) { counts { changed } }
      on: reactivateLearners(input: {ids: $ids, errorPolicy: REJECT_EVERYTHING}) { errors { code } }
    }
    """,
    '{ __schema { queryType { name fields { name args { name } } } } __type(name: "Learner") { kind } }',
)
TOKEN = re.compile(r'"[^"]*"|\.\.\.|\w+|[^\s\w]')
TOKENS = [token for document in DOCUMENTS for token in TOKEN.findall(document)]
NASTY_TOKENS = [
    *("{", "}", "(", ")", "[", "]", "!", "$", "@", ":", "...", "|", "&", "=", '"', '"""', "#", "\\", "\x00", "\ufeff"),
    *("null", "true", "0", "-1", "1001", "2147483648", "9" * 400, "1.5", "1e400", '""', '"\\u0000"', '"\\ud800"'),
    *("__typename", "__schema", "query", "mutation", "subscription", "fragment", "on", "@skip(if: true)", "\U0001f600"),
]
NASTY_VALUES: list[Any] = [
    *(None, True, 0, -1, 1.5, 2**31, 2**63 - 1, 1e308, "", "\x00", "a\x00", "%", "\\", "x" * 5_000, "\U0001f600"),
    *([], [None], [[]], {}, {"eq": None}, {"in": []}, {"": 1}, {"\x00": 1}, [1] * 1_001, "lrn_", "sen_" + "0" * 32),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999Z", "W10=", "WyJJRCIsIngiXQ==", "ENROLMENT_ERROR"),
]


class Breaker:
    """Makes a request out of good ones, and breaks it in a few places."""

    def __init__(self, seed: str, learners: list[str], enrolments: list[str], others: list[str]) -> None:
        self.random = Random(seed)
        self.learners = learners
        self.enrolments = enrolments
        self.ids = [*learners, *enrolments, *others]

    def body(self) -> bytes:
        choose = self.random
        document = choose.choice(DOCUMENTS)
        variables: Any = self._variables()
        for _ in range(choose.randint(0, 3)):
            match choose.randrange(4):
                case 0:
                    document = self._by_token(document)
                case 1:
                    document = self._by_character(document)
                case _:
                    variables = self._value(variables)
        asked: Json = {"query": document, "variables": variables}
        if choose.random() < 0.1:
            asked[choose.choice(["query", "variables", "operationName", "extensions"])] = choose.choice(NASTY_VALUES)
        body = orjson.dumps(asked)
        return self._by_byte(body) if choose.random() < 0.1 else body

    def _variables(self) -> Json:
        choose = self.random
        people, enrolments = choose.sample(self.learners, 2), choose.sample(self.enrolments, 3)
        return {
            "n": choose.choice([1, 25, 1_000]),
            "id": choose.choice(self.ids),
            "ref": "L-0001",
            "after": None,
            "ids": people,
            "key": choose.choice([None, "a", "b"]),
            "with": choose.random() < 0.5,
            "filter": {
                "status": {"in": ["ACTIVE"]},
                "search": "given",
                "reportsTo": {"manager": people[0], "depth": 2},
            },
            "in": {
                "learnerId": {"eq": people[0]},
                "seriesId": {"notIn": []},
                "status": {"notIn": ["WITHDRAWN"]},
                "endsAt": {"isNull": False},
            },
            "input": {
                "ids": enrolments,
                "reason": "ENROLMENT_ERROR",
                "expectedVersions": [{"id": enrolments[0], "version": 1}],
                "preview": choose.random() < 0.5,
                "idempotencyKey": choose.choice(["a", "b"]),
            },
        }

    def _by_token(self, document: str) -> str:
        choose = self.random
        tokens = TOKEN.findall(document) or [""]
        place = choose.randrange(len(tokens))
        match choose.randrange(5):
            case 0:
                del tokens[place]
            case 1:
                tokens.insert(place, tokens[choose.randrange(len(tokens))])
            case 2:
                tokens[place] = choose.choice(TOKENS)
            case 3:
                tokens[place] = choose.choice(NASTY_TOKENS)
            case _:
                end = choose.randrange(place, len(tokens)) + 1
                tokens[place:end] = tokens[place:end] * choose.choice([2, 3, 200])
        return " ".join(tokens)

    def _by_character(self, document: str) -> str:
        place = self.random.randrange(len(document) + 1)
        return document[:place] + self.random.choice(NASTY_TOKENS) + document[place + self.random.randrange(3) :]

    def _by_byte(self, body: bytes) -> bytes:
        place = self.random.randrange(len(body))
        return body[:place] + self.random.randbytes(self.random.randrange(3)) + body[place + self.random.randrange(3) :]

    def _value(self, value: Any) -> Any:
        """The same with one place in it changed."""
        choose = self.random
        if isinstance(value, dict) and value and choose.random() < 0.95:
            name = choose.choice(sorted(value))
            if choose.random() < 0.1:
                return {each: value[each] for each in value if each != name}
            return {**value, name: self._value(value[name])}
        if isinstance(value, list) and value and choose.random() < 0.7:
            place = choose.randrange(len(value))
            return [*value[:place], self._value(value[place]), *value[place + 1 :]]
        return choose.choice([*NASTY_VALUES, choose.choice(self.ids)])


async def _break(organisation: Organisation, sign_in: SignIn, seed: int, number: int) -> Counter[str]:
    """Sends broken requests as all roles in turn; gives how often each code was answered."""
    manager = organisation.own[Role.MANAGER]
    people = [organisation.learner(reports_to=manager) for _ in range(4)]
    enrolments = [organisation.enrolment(each, organisation.series(), status) for each in people for status in STATUSES]
    ids = [[each.gid for each in records] for records in ([*people, manager], enrolments, organisation.staff.values())]
    clients = [sign_in(role) for role in (Role.OWNER, Role.ADMIN, *Role)]
    told: Counter[str] = Counter()
    for n in range(number):
        body = Breaker(f"{seed}:{n}", *ids).body()
        response = await clients[n % len(clients)].post_raw(body)
        try:
            answer = tidy(response)
        except AssertionError as fault:
            raise AssertionError(f"request {n} of seed {seed}: {body!r}") from fault
        told.update({error["extensions"]["code"] for error in answer.get("errors", ())} or {"answered"})
    return told


STATUSES = (SeriesEnrolmentStatus.IN_PROGRESS, SeriesEnrolmentStatus.MASTERED)


async def test_requests_broken_at_random_are_answered(organisation: Organisation, sign_in: SignIn) -> None:
    told = await _break(organisation, sign_in, seed=1, number=REQUESTS)

    assert told["answered"] > REQUESTS / 20
    assert {"DOCUMENT_INVALID", "INPUT_INVALID", "REQUEST_INVALID", "FORBIDDEN"} <= set(told)


@pytest.mark.soak
async def test_many_requests_broken_at_random_are_answered(organisation: Organisation, sign_in: SignIn) -> None:
    seed = int(os.environ.get(SEED, int.from_bytes(os.urandom(4))))
    print(f"\n{SEED}={seed}")  # noqa: T201  so that the run can be repeated

    told = await _break(organisation, sign_in, seed, int(os.environ.get(NUMBER, MANY_REQUESTS)))

    print(dict(told.most_common()))  # noqa: T201  the figures of the proof
