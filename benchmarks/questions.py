"""What is measured: documents of the frontends, who sends each, and with which variables."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from benchmarks import load
from benchmarks.data import HOME, SIGNING_KEY, Subject
from portal_api.auth import Claims, Tokens
from portal_api.clock import system_clock
from portal_api.domain.history import HistoryAction
from portal_api.domain.roles import Role
from portal_api.ids import global_id

GRAPHQL = "/graphql"
ACTIONS = re.compile(r"\n *actions \{[^{}]*(?:\{[^{}]*\}[^{}]*)?\}")


@dataclass(frozen=True, slots=True)
class Question:
    """A document and what it is sent with."""

    name: str
    what: str
    document: str
    role: Role
    variables: Callable[[Subject], dict[str, Any]]
    fewer: Callable[[Subject, dict[str, Any]], dict[str, Any]] | None = None
    """Variables with which it answers fewer rows, made of the usual answer."""

    @property
    def text(self) -> str:
        return (HOME / "operations" / f"{self.document}.graphql").read_text()

    @property
    def file(self) -> str:
        """The document's name alone."""
        return self.document.rpartition("/")[2]

    @property
    def without_actions(self) -> str:
        """The document without the lists of actions, which no peer has."""
        return ACTIONS.sub("", self.text)


READS = (
    Question(
        "Q1",
        "a team: 50 learners, each with 5 enrolments and their series, and up to 5 certifications",
        "manager_dashboard/team",
        Role.MANAGER,
        lambda subject: {},
        lambda subject, _: {"filter": {"id": {"in": [global_id("lrn", subject.team_member)]}}},
    ),
    Question(
        "Q2",
        "a learner's page",
        "manager_dashboard/team_member",
        Role.MANAGER,
        lambda subject: {"id": global_id("lrn", subject.team_member)},
    ),
    Question(
        "Q3",
        "1,000 enrolments with learner, series and actions",
        "admin_console/enrolments_of_series",
        Role.ADMIN,
        lambda subject: {"series": global_id("ser", subject.series)},
        lambda subject, data: {
            "series": global_id("ser", subject.series),
            "after": data["seriesEnrolments"]["pageInfo"]["endCursor"],
        },
    ),
    Question(
        "Q4",
        "insights: all enrolments in series counted by status, series and tracking code, and the latest 100",
        "admin_console/series_insights",
        Role.ADMIN,
        lambda subject: {},
        lambda subject, _: {"filter": {"learnerId": {"eq": global_id("lrn", subject.team_member)}}},
    ),
    Question(
        "Q5",
        "a certification's learners by name, 50 of them with their actions, how many stand where, what awaits a decision",
        "admin_console/certification_learners_tab",
        Role.ADMIN,
        lambda subject: {
            "id": global_id("crt", subject.certification),
            "insights": {"certificationId": {"eq": global_id("crt", subject.certification)}},
        },
    ),
    Question(
        "Q6",
        "the lifecycle board: four stages with their numbers, 50 enrolments each, and what those need",
        "admin_console/lifecycle_board",
        Role.ADMIN,
        lambda subject: {},
    ),
    Question(
        "Q7",
        "history: the latest 100 withdrawals, by whom, of which enrolment, in which series",
        "admin_console/history",
        Role.ADMIN,
        lambda subject: {"filter": {"action": {"eq": HistoryAction.SERIES_ENROLMENT_WITHDRAWN.name}}},
    ),
)
COMPARED = READS[:3]
"""What the peers are asked too."""
WITHDRAWAL = "admin_console/withdraw_series_enrolments"
ROWS_WITHDRAWN = 500
M1 = Question(
    "M1",
    f"{ROWS_WITHDRAWN} enrolments withdrawn, with a key, {ROWS_WITHDRAWN} history entries and the rows read back",
    WITHDRAWAL,
    Role.ADMIN,
    lambda subject: withdrawal(subject.withdrawable[:ROWS_WITHDRAWN], "statements: many"),
    lambda subject, _: withdrawal(subject.withdrawable[ROWS_WITHDRAWN : ROWS_WITHDRAWN + 1], "statements: one"),
)


ROWS_CHANGED = 1_000
"""Of certifications, in one call; fewer where the demo has not as many."""


def _changed(name: str, what: str, document: str) -> Question:
    """A change of many learners' certifications."""

    def variables(subject: Subject, rows: slice, key: str) -> dict[str, Any]:
        return change_of_certifications(subject.certified[document][rows], key)

    return Question(
        name,
        f"{ROWS_CHANGED:,} certifications {what}, with a key, all that hangs on them, their history, and the rows read back",
        f"admin_console/{document}",
        Role.ADMIN,
        lambda subject: variables(subject, slice(ROWS_CHANGED), f"{name}: many"),
        lambda subject, _: variables(subject, slice(2), f"{name}: two"),
    )


CHANGES = (
    _changed("M2", "whose training is overridden", "override_training"),
    _changed("M3", "to which access is revoked", "revoke_access"),
    _changed("M4", "in which recertification is forced", "force_recertification"),
)


def change_of_certifications(ids: Sequence[UUID], key: str) -> dict[str, Any]:
    """The variables of a change of learners' certifications."""
    return {"input": {"ids": [global_id("lct", each) for each in ids], "note": "measured", "idempotencyKey": key}}


def withdrawal(ids: Sequence[UUID], key: str) -> dict[str, Any]:
    """The variables of a withdrawal."""
    return {
        "input": {
            "ids": [global_id("sen", each) for each in ids],
            "reason": "NO_LONGER_REQUIRED",
            "note": "measured",
            "idempotencyKey": key,
        }
    }


def token(subject: Subject, role: Role) -> str:
    """A token for the demo organisation's user of a role."""
    claims = Claims(subject.organisation, subject.users[role])
    return Tokens(SIGNING_KEY).sign(claims, now=system_clock(), ttl=timedelta(days=1))


def of_portal(question: Question, subject: Subject, variables: dict[str, Any], *, comment: str = "") -> bytes:
    """The request to the portal; a comment of its own makes a document that was never seen."""
    body = orjson.dumps({"query": question.text + comment, "variables": variables})
    return load.request(GRAPHQL, body, token(subject, question.role))


def of_portal_alike(question: Question, subject: Subject, variables: dict[str, Any]) -> bytes:
    """The request to the portal for no more than the peers have."""
    body = orjson.dumps({"query": question.without_actions, "variables": variables})
    return load.request(GRAPHQL, body, token(subject, question.role))


def of_floor(question: Question, subject: Subject, variables: dict[str, Any]) -> bytes:
    """The request to the floor, which knows the document already."""
    return load.request(f"/{question.file}", orjson.dumps({"variables": variables}), token(subject, question.role))
