"""What both engines share: the statements, the bodies that they are put into, and who asks."""

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson

from portal_api.auth import Claims

SQL = Path(__file__).parent.parent / "sql"
NAME = re.compile(r"(?<!:):([a-z_]+)")
ADMINISTRATORS = {"owner", "admin"}
PRINCIPAL = "SELECT role, learner_id FROM roles WHERE organisation_id = {} AND user_id = {}"
TEAM = b'{"data":{"learners":{"nodes":[%b],"pageInfo":{"hasNextPage":%b,"endCursor":"%b"}}}}'
TEAM_ORDER = "FAMILY_NAME,GIVEN_NAME,ID"
TEAM_MEMBER = b'{"data":{"learner":%b}}'
ENROLMENTS = b'{"data":{"seriesEnrolments":{"nodes":[%b],"pageInfo":{"hasNextPage":%b,"endCursor":"%b"}}}}'
WITHDRAWN = (
    b'{"data":{"withdrawSeriesEnrolments":{"isPreview":false,"counts":{"changed":%d,"unchanged":0,"refused":0},'
    b'"results":[%b],"errors":[]}}}'
)
CHANGED = (
    b'{"data":{"%b":{"isPreview":false,"counts":{"changed":%d,"unchanged":0,"refused":0},"results":[%b],"errors":[]}}}'
)


@dataclass(frozen=True, slots=True)
class Read:
    """A document that one row answers: the parts of its body, then what the cursor of its page is made of, if it has one."""

    name: str
    template: bytes
    bound: tuple[str, ...] = ("organisation", "now")
    """What its statement is given, in its order: the viewer's organisation, the instant, the id that was asked for."""
    order: str = ""
    """What signs the cursor."""
    cursor_at: int | None = None
    """Before which part the cursor comes; after all when not given."""

    def body(self, row: Sequence[Any]) -> bytes:
        texts = self.template.count(b"%b") - bool(self.order)
        parts = [str(part).encode() for part in row[:texts]]
        if self.order:
            cursor = base64.urlsafe_b64encode(orjson.dumps([self.order, *row[texts:]]))
            parts.insert(texts if self.cursor_at is None else self.cursor_at, cursor)
        return self.template % tuple(parts)


READS = (
    Read(
        "series_insights",
        b'{"data":{"seriesInsights":{"totalCount":%b,"overdueCount":%b,"byStatus":[%b],"bySeries":[%b],"byTrackingCode":'
        b'[%b],"enrolments":{"nodes":[%b],"pageInfo":{"hasNextPage":%b,"endCursor":"%b"}}}}}',
        order="-ENROLLED_AT,-ID",
    ),
    Read(
        "certification_learners_tab",
        b'{"data":{"certification":{"id":"crt_%b","title":%b,"learnerCertifications":{"totalCount":%b,"pageInfo":'
        b'{"hasNextPage":%b,"endCursor":"%b"},"nodes":[%b]},"approvals":{"totalCount":%b,"nodes":[%b]}},'
        b'"certificationInsights":{"totalCount":%b,"byStatus":[%b]}}}',
        ("organisation", "now", "id"),
        order="FAMILY_NAME,GIVEN_NAME,ID",
        cursor_at=4,
    ),
    Read("lifecycle_board", b'{"data":{"lifecycleBoard":{"stages":[%b]}}}', ("organisation",)),
    Read(
        "history",
        b'{"data":{"historyEntries":{"nodes":[%b],"pageInfo":{"hasNextPage":%b,"endCursor":"%b"}}}}',
        order="-OCCURRED_AT,-ID",
    ),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of learners' certifications: what history calls it, and its statements, in their order."""

    action: str
    statements: tuple[str, ...]
    ending: str = ""
    """How approvals end."""


CHANGES = {
    "overrideTraining": Change(
        "learner_certification_steps_overridden",
        ("finish_steps", "record_approvals", "end_approvals", "override_training_cycles", "override_training"),
        "overridden",
    ),
    "revokeAccess": Change(
        "learner_certification_revoked",
        (
            *("record_approvals", "end_approvals", "close_cycles"),
            *("record_certificates", "revoke_certificates", "revoke_access"),
        ),
        "closed",
    ),
    "forceRecertification": Change(
        "learner_certification_cycle_forced",
        ("record_certificates", "revoke_certificates", "force_recertification", "open_cycles", "open_steps"),
    ),
}
TYPES = {
    "organisation": "uuid",
    "user": "uuid",
    "ids": "uuid[]",
    "entries": "uuid[]",
    "cycles": "uuid[]",
    "now": "timestamptz",
    "expires_at": "timestamptz",
}
"""Of what is bound by name, where it is no text."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: keys as the driver takes them."""

    organisation: Any
    user: Any
    learner: Any
    role: str


class Floor(Protocol):
    """One engine."""

    async def viewer(self, claims: Claims) -> Viewer: ...
    async def team(self, viewer: Viewer, variables: dict[str, Any]) -> bytes: ...
    async def team_member(self, viewer: Viewer, variables: dict[str, Any]) -> bytes: ...
    async def enrolments_of_series(self, viewer: Viewer, variables: dict[str, Any]) -> bytes: ...
    async def read(self, viewer: Viewer, variables: dict[str, Any], read: Read) -> bytes: ...
    async def withdraw_series_enrolments(self, viewer: Viewer, variables: dict[str, Any]) -> bytes: ...
    async def change_certifications(self, viewer: Viewer, variables: dict[str, Any], mutation: str) -> bytes: ...


def statement(name: str, engine: str) -> str:
    return (SQL / f"{name}.{engine}.sql").read_text()


def statements(name: str, engine: str) -> dict[str, str]:
    """The statements of a file that has several, by the names that their comments give them."""
    parts = statement(name, engine).split("-- name: ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


class Named(NamedTuple):
    """A statement of asyncpg's whose values were named: the names, in the order of its numbers."""

    text: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, statement: str) -> "Named":
        names = tuple(dict.fromkeys(NAME.findall(statement)))

        def numbered(found: re.Match[str]) -> str:
            return f"${names.index(found[1]) + 1}::{TYPES.get(found[1], 'text')}"

        return cls(NAME.sub(numbered, statement), names)


def page(template: bytes, rows: Sequence[Any], size: int, signature: str) -> bytes:
    """A page of nodes that the database has written, one row each, and one row more where another page follows."""
    nodes = ",".join([row[0] for row in rows[:size]])
    places = list(rows[:size][-1])[1:]
    cursor = base64.urlsafe_b64encode(orjson.dumps([signature, *places]))
    return template % (nodes.encode(), b"true" if len(rows) > size else b"false", cursor)


def instant(at: datetime) -> str:
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def told(given: dict[str, Any], mutation: str, change: Change) -> dict[str, Any]:
    """What is bound alike on both engines."""
    return {
        "mutation": mutation,
        "key": given["idempotencyKey"],
        "hash": hashlib.sha256(orjson.dumps(given)).hexdigest(),
        "note": given.get("note"),
        "request": secrets.token_hex(16),
        "action": change.action,
        "ending": change.ending,
    }
