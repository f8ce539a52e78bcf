"""The demonstration as the callers know it: their tokens, the records that they ask for, and those that they change."""

from collections import deque
from random import Random
from typing import Any
from uuid import UUID

import httpx

from portal_api.auth import Claims, Tokens
from portal_api.clock import system_clock
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.queries import organisations as organisation_queries
from portal_api.schema import executable_schema
from tests.client import Json
from tests.factories import DAY
from tests.load.calls import Calls, Targets
from tests.load.server import HOST
from tests.operations.filling import Stock

LISTS = {
    "users": "User",
    "groups": "Group",
    "learners": "Learner",
    "seriesLibrary": "Series",
    "seriesEnrolments": "SeriesEnrolment",
    "pathways": "Pathway",
    "pathwayEnrolments": "PathwayEnrolment",
    "certifications": "Certification",
    "learnerCertifications": "LearnerCertification",
    "courses": "Course",
    "courseEnrolments": "CourseEnrolment",
    "exports": "Export",
    "learncycles": "Learncycle",
}
"""The lists that show whom the documents can be sent about, and the type of what is in them."""
REFERRED = {"certifications", "learnerCertifications", "courses"}
KNOWN = "{{ {} credentials(first: 50) {{ nodes {{ registerNumber }} }} }}".format(
    " ".join(f"{name}(first: 200) {{ nodes {{ id {'externalRef' if name in REFERRED else ''} }} }}" for name in LISTS)
)
TARGETS = """{
    learners(first: 1000, filter: { status: { eq: ACTIVE } }) { nodes { id } }
    seriesEnrolments(first: 1000, filter: { status: { in: [NOT_SIGNED_IN, NO_ATTEMPTS, IN_PROGRESS] } }) {
      nodes { id learner { status } }
    }
    learnerCertifications(first: 1000) { nodes { id learner { status } } }
    seriesLibrary(first: 100, filter: { status: { eq: ACTIVE }, duration: { eq: MASTERY } }) { nodes { id } }
    pathways(first: 100, filter: { status: { eq: ACTIVE } }) { nodes { id } }
    certifications(first: 100, filter: { status: { eq: ACTIVE } }) { nodes { id } }
}"""
WORDS = ("a", "smith", "an ar", "li", "wattle", "O'C")
MOST = {"learners": 300, "seriesEnrolments": 600, "learnerCertifications": 300, "seriesLibrary": 6}
"""How many records changes are about: of all lists, that many at the most."""


async def tokens_of(database: Database, tokens: Tokens) -> tuple[UUID, dict[Role, str]]:
    """The demonstration's organisation, and a token of a user of each role."""
    signed: dict[Role, str] = {}
    found: tuple[UUID, UUID] | None = None
    async with database.engine.connect() as connection:
        for role in Role:
            found = await organisation_queries.find_user(connection, role)
            assert found, f"the demonstration has nobody who is {role.name}"
            signed[role] = tokens.sign(Claims(*found), now=system_clock(), ttl=DAY)
    assert found
    return found[0], signed


async def calls_on(port: int, signed: dict[Role, str], random: Random) -> Calls:
    """What is to be asked of a server, after each role has looked at what there is."""
    known: dict[Role, Json] = {}
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False, timeout=60) as http:

        async def ask(role: Role, document: str) -> dict[str, Any]:
            headers = {"authorization": f"Bearer {signed[role]}"}
            answer = (await http.post("/graphql", json={"query": document}, headers=headers)).json()
            return {name: page["nodes"] for name, page in answer["data"].items() if page}

        for role in Role:
            known[role] = await ask(role, KNOWN)
        found = await ask(Role.OWNER, TARGETS)
    all_known = known[Role.OWNER]
    targets: dict[str, list[str]] = {}
    for name, nodes in found.items():
        ids = [each["id"] for each in nodes if each.get("learner", {}).get("status") != "INACTIVE"]
        targets[name] = random.sample(ids, min(len(ids), MOST.get(name, len(ids))))
    return Calls(
        random=random,
        schema=executable_schema(),
        tokens=signed,
        stocks={role: _stock(all_known, own) for role, own in known.items()},
        targets=Targets(
            learners=targets["learners"],
            enrolments=deque(targets["seriesEnrolments"], maxlen=2 * MOST["seriesEnrolments"]),
            certified=targets["learnerCertifications"],
            series=targets["seriesLibrary"],
            pathways=targets["pathways"],
            certifications=targets["certifications"],
        ),
    )


def _stock(all_known: Json, own: Json) -> Stock:
    """What a role sees, and a few records that it may not see."""
    return Stock(
        ids={
            type_: [each["id"] for each in (*(own.get(name) or ()), *all_known[name][:20])]
            for name, type_ in LISTS.items()
        },
        refs={LISTS[name]: [each["externalRef"] for each in all_known[name]] for name in REFERRED},
        words=WORDS,
        numbers=[each["registerNumber"] or "CRD" for each in all_known["credentials"]],
        now=system_clock(),
    )
