"""Starts the peers beside the portal, and asks each in its own dialect for what a question asks of the portal."""

import asyncio
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from sqlalchemy.engine import make_url

from benchmarks import load, servers
from benchmarks.data import Subject
from benchmarks.measured import Side
from benchmarks.questions import Question
from benchmarks.servers import Server

HERE = Path(__file__).parent
GRAPHQL = "/graphql"
DIALECTS = {Side.TUTORIAL: "small", Side.MERCURIUS: "small", Side.POSTGRAPHILE: "postgraphile"}
"""Where each peer's documents are."""
PROGRAMS = {Side.POSTGRAPHILE: "postgraphile.js", Side.MERCURIUS: "mercurius.js"}
OLDEST_NODE = 20
VARIABLE = re.compile(r"\$(\w+):")
INSTALL = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
"""No package runs anything of its own while it is installed: none of the peers needs it."""


class Absent(Exception):
    """The peers that run on Node can't be measured here; says why."""


@contextmanager
def beside(url: str, absent: list[str]) -> Iterator[dict[Side, Server]]:
    """The peers on a run's database; why one isn't there is added to `absent`."""
    with ExitStack() as stack:
        running = {Side.TUTORIAL: stack.enter_context(servers.tutorial({"PORTAL_DATABASE_URL": url}))}
        if make_url(url).get_backend_name() == "postgresql":
            try:
                node = _node()
                asyncio.run(_prepare(url))
                environment = _environment(url)
                for side, program in PROGRAMS.items():
                    running[side] = stack.enter_context(servers.on_node(node, HERE / program, environment))
            except Absent as reason:
                print(f"Without the peers that run on Node: {reason}")
                absent.append(str(reason))
        yield running


def request(side: Side, question: Question, subject: Subject) -> bytes:
    """A question as a peer is asked it: by the keys of the tables, and nobody has to say who they are."""
    document = (HERE / "documents" / DIALECTS[side] / f"{question.file}.graphql").read_text()
    known = {
        "organisation": subject.organisation,
        "manager": subject.manager,
        "id": subject.team_member,
        "series": subject.series,
    }
    variables = {name: str(known[name]) for name in VARIABLE.findall(document)}
    return load.request(GRAPHQL, orjson.dumps({"query": document, "variables": variables}), token=None)


def require_same_records(question: Question, side: Side, portal: bytes, peer: bytes) -> None:
    """Compares two answers record by record: those of the lists and in the order of the lists.

    A record that another one refers to may be missing from the portal's: it hides retired ones from most roles.
    """
    (ours, our_others), (theirs, their_others) = (_records(orjson.loads(answer)) for answer in (portal, peer))
    if not ours or ours != theirs or not set(our_others) <= set(their_others):
        raise RuntimeError(
            f"{question.name}: the portal answers with {len(ours)} records and {len(our_others)} that they refer to, "
            f"{side} with {len(theirs)} and {len(their_others)}; or with others, or in another order."
        )


def versions() -> str:
    """Node's and the packages' versions, as they are pinned."""
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]
    node = shutil.which("node")
    told = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout if node else "absent"
    return f"Node {told.strip().lstrip('v')}, " + ", ".join(f"{name} {version}" for name, version in pinned.items())


def _records(answer: Any) -> tuple[list[str], list[str]]:
    """The ids of an answer, without what a dialect makes of them: of records in lists, and of others."""
    listed: list[str] = []
    others: list[str] = []

    def walk(value: Any, kept: list[str]) -> None:
        if isinstance(value, list):
            for each in value:
                walk(each, listed)
        elif isinstance(value, dict):
            if isinstance(value.get("id"), str):
                kept.append(value["id"].rpartition("_")[2].replace("-", ""))
            for each in value.values():
                walk(each, others)

    walk(answer, others)
    return listed, others


def _node() -> str:
    """Node, with the packages installed that the lock file names.

    Raises:
        Absent: there is no Node, an old one, or the packages can't be had.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise Absent("there is no Node here, or no npm")
    version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        raise Absent(f"Node is {version}, and {OLDEST_NODE} is the oldest that they run on")
    installed = HERE / "node_modules" / ".installed"
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if not installed.exists() or installed.read_text() != wanted:
        print("Installing the peers that run on Node, once …")
        done = subprocess.run([npm, *INSTALL], cwd=HERE, check=False, capture_output=True, text=True)
        if done.returncode:
            raise Absent(f"npm could not install them: {done.stderr.strip().splitlines()[-1:]}")
        installed.write_text(wanted)
    return node


def _environment(url: str) -> dict[str, str]:
    """Where the database is, as Node's driver asks for it."""
    parsed = make_url(url)
    host = parsed.query.get("host") or parsed.host or ""
    assert isinstance(host, str)
    return {
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
        "PGHOST": host,
        "PGPORT": str(parsed.port or 5432),
        "PGUSER": parsed.username or "",
        "PGDATABASE": parsed.database or "",
    }


async def _prepare(url: str) -> None:
    """Adds to a run's database what PostGraphile needs there."""
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    await connection.execute((HERE / "team.sql").read_text())
    await connection.close()
