"""What is asked: every document that reads, as every role, and changes of many rows that meet each other on the way."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import orjson
from graphql import GraphQLSchema

from portal_api.clock import system_clock
from portal_api.domain.roles import Role
from tests.client import Json
from tests.load.connections import COME_AGAIN, Call
from tests.operations.documents import text_of
from tests.operations.filling import Stock, reading

CHANGES = 0.15
"""The share of calls that change something."""
MOST_ROWS = 200
KEYED, SENT_AGAIN, PREVIEWED = 0.6, 0.15, 0.05
"""The shares of changes that carry a key, that were sent before, perhaps a moment ago, and that are previews."""
REMEMBERED = 40
"""The last questions with a key, some of which are sent again."""


@dataclass
class Question:
    """A change that was asked for, once or again with the same key."""

    name: str
    body: Json
    role: Role
    requests: list[str] = field(default_factory=list[str])
    rows: list[tuple[str | None, str]] | None = None
    """What became of each row, as it was answered first; nothing while it waits for an answer, or was told to come again."""
    changed: set[str] = field(default_factory=set[str])
    """The keys of the records that it says it changed."""


@dataclass
class Targets:
    """The records that changes are about: so few that changes meet."""

    learners: Sequence[str]
    enrolments: deque[str]
    """Of late; new ones come in front."""
    certified: Sequence[str]
    series: Sequence[str]
    pathways: Sequence[str]
    certifications: Sequence[str]


@dataclass
class Calls:
    """Makes one call after the other, and remembers what changes were answered."""

    random: Random
    schema: GraphQLSchema
    tokens: Mapping[Role, str]
    stocks: Mapping[Role, Stock]
    targets: Targets
    questions: list[Question] = field(default_factory=list[Question])
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """How many rows became what, by document."""
    _keyed: deque[Question] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _reads: list[tuple[str, Role]] = field(default_factory=list[tuple[str, Role]])

    def next(self) -> Call:
        """The next call of whichever connection is free."""
        return self._change() if self.random.random() < CHANGES else self._read()

    def _read(self) -> Call:
        """Each document as each role, in an order of its own; then all of them anew."""
        if not self._reads:
            self._reads = [(name, role) for name in reading() for role in Role]
            self.random.shuffle(self._reads)
        name, role = self._reads.pop()
        variables = self.stocks[role].variables(self.schema, name, self.random)
        return Call(name, self._request(role, {"query": text_of(name), "variables": variables}))

    def _change(self) -> Call:
        if self._keyed and self.random.random() < SENT_AGAIN:
            question = self.random.choice(self._keyed)
        else:
            name, role, given = self._chosen()
            question = Question(name, {"query": text_of(name), "variables": {"input": given}}, role)
            chance = self.random.random()
            if chance < PREVIEWED:
                given["preview"] = True
            elif chance < PREVIEWED + KEYED:
                given["idempotencyKey"] = f"load-{len(self.questions)}"
                self._keyed.append(question)
            self.questions.append(question)
        request = f"load-{len(self.questions)}-{len(question.requests)}-{self.random.getrandbits(32):08x}"
        question.requests.append(request)
        body = self._request(question.role, question.body, request)
        return Call(question.name, body, changes=True, answered=lambda answer: self._look(question, answer))

    def _chosen(self) -> tuple[str, Role, Json]:
        """What to change: the document, as whom, and the input."""
        random, targets = self.random, self.targets

        def some(known: Sequence[str]) -> list[str]:
            """Few more often than many."""
            return random.sample(list(known), min(len(known), round(MOST_ROWS ** random.random())))

        def ids(known: Sequence[str], **more: Any) -> Callable[[], Json]:
            return lambda: {"ids": some(known), **more}

        ends = system_clock() + timedelta(days=random.randint(20, 300))
        has_enrolments = bool(targets.enrolments)  # all may have been withdrawn, until others are enrolled
        console: dict[str, tuple[int, Callable[[], Json]]] = {
            "enrol_in_series": (
                18,
                lambda: {"seriesId": random.choice(targets.series), "learnerIds": some(targets.learners)},
            ),
            "withdraw_series_enrolments": (18 * has_enrolments, ids(targets.enrolments, reason="NO_LONGER_REQUIRED")),
            "extend_series_enrolments": (
                14 * has_enrolments,
                ids(targets.enrolments, endsAt=f"{ends:%Y-%m-%dT%H:%M:%SZ}"),
            ),
            "enrol_in_pathway": (
                4,
                lambda: {"pathwayId": random.choice(targets.pathways), "learnerIds": some(targets.learners)},
            ),
            "set_learner_app_access": (6, ids(targets.learners, hasAppAccess=random.random() < 0.8)),
            "assign_certification": (
                6,
                lambda: {
                    "certificationId": random.choice(targets.certifications),
                    "learnerIds": some(targets.learners),
                },
            ),
            "override_training": (8, ids(targets.certified, note="Trained elsewhere")),
            "override_exam": (6, ids(targets.certified, note="Examined elsewhere")),
            "override_payment": (4, ids(targets.certified, note="Paid elsewhere")),
            "revoke_access": (8, ids(targets.certified, note="Asked for")),
            "restore_access": (8, ids(targets.certified, note="Asked for again")),
            "force_recertification": (4, ids(targets.certified)),
            "record_sign_ins": (6, ids(targets.learners)),
        }
        [name] = random.choices(list(console), [weight for weight, _ in console.values()])
        if name == "record_sign_ins":
            return f"integration/{name}", Role.INTEGRATION, console[name][1]()
        return f"admin_console/{name}", random.choice([Role.ADMIN, Role.OWNER]), console[name][1]()

    def _look(self, question: Question, answer: Json) -> Iterator[str]:
        """Remembers what a change was answered; one that is sent again has the same answer."""
        [payload] = (answer.get("data") or {None: None}).values()
        if payload is None:
            yield f"a change was not answered: {answer}"
            return
        refusals = {error["code"] for error in payload["errors"]}
        if refusals:
            if not refusals <= COME_AGAIN:
                yield f"refused as a whole: {refusals}"
            return
        rows = [(each["id"], each["outcome"]) for each in payload["results"]]
        if question.rows is not None:
            if rows != question.rows:
                yield f"answered otherwise when it was sent again: {question.requests}"
            return
        question.rows = rows
        self.outcomes.update((question.name, outcome) for _, outcome in rows)
        if payload["isPreview"]:
            return
        changed = [each["node"]["id"] for each in payload["results"] if each["outcome"] == "CHANGED"]
        question.changed = {id_.rpartition("_")[2] for id_ in changed}
        if question.name.endswith("/enrol_in_series"):
            self.targets.enrolments.extendleft(changed)
        elif question.name.endswith("/withdraw_series_enrolments"):  # others may have them in hand still
            for id_ in changed:
                if id_ in self.targets.enrolments:
                    self.targets.enrolments.remove(id_)

    def _request(self, role: Role, body: Json, request: str | None = None) -> bytes:
        content = orjson.dumps(body)
        named = f"X-Request-Id: {request}\r\n" if request else ""
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: portal.test\r\nAuthorization: Bearer {self.tokens[role]}\r\n{named}"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content
