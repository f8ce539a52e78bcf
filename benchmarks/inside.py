"""What shows only inside the process: how many statements an answer takes, and what a known document costs."""

from dataclasses import dataclass
from statistics import median
from time import perf_counter

import httpx
import orjson

from benchmarks.data import Subject, put_back, settings_for
from benchmarks.questions import CHANGES, GRAPHQL, M1, READS, Question, token
from portal_api import ids
from portal_api.app import Portal, create_app
from portal_api.clock import system_clock
from portal_api.database import Database

LOOKS = 2_000


@dataclass(frozen=True, slots=True)
class Statements:
    """How many statements a question takes, for few rows and for many, after the viewer is known."""

    few: int | None
    """None where nothing was asked that few rows answer."""
    many: int


async def statements(database: Database, subject: Subject) -> dict[str, Statements]:
    """Counts the statements of each question."""
    app = create_app(settings_for(database.engine.url.render_as_string(hide_password=False)), database=database)
    counted: dict[str, Statements] = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench", timeout=60) as http:
        for question in (*READS, M1, *CHANGES):
            usual = question.variables(subject)
            data, many = await _counted(http, database, subject, question, usual)
            few = None
            if question.fewer:
                if question not in READS:
                    await put_back(database, subject)
                _, few = await _counted(http, database, subject, question, question.fewer(subject, data))
            counted[question.name] = Statements(few, many)
    return counted


async def _counted(
    http: httpx.AsyncClient, database: Database, subject: Subject, question: Question, variables: dict[str, object]
) -> tuple[dict[str, dict[str, dict[str, str]]], int]:
    headers = {"authorization": f"Bearer {token(subject, question.role)}", "content-type": "application/json"}
    await http.post(GRAPHQL, content=orjson.dumps({"query": "{ viewer { role } }"}), headers=headers)
    before = database.tally.statements
    response = await http.post(
        GRAPHQL, content=orjson.dumps({"query": question.text, "variables": variables}), headers=headers
    )
    answer = orjson.loads(response.content)
    if "errors" in answer:
        raise RuntimeError(f"{question.name}: {answer['errors']}")
    return answer["data"], database.tally.statements - before


def known_document(database: Database) -> float:
    """What it costs to find a document that was seen before, in milliseconds."""
    given = settings_for(database.engine.url.render_as_string(hide_password=False))
    documents = Portal(given, database, system_clock, ids.new_id).documents
    text = READS[0].text
    documents.document(text)
    took: list[float] = []
    for _ in range(LOOKS):
        start = perf_counter()
        documents.document(text)
        took.append(perf_counter() - start)
    return median(took) * 1_000
