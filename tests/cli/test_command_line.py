"""The command line, run as people run it: each command a process, on a database of its own."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import pytest

from portal_api.auth import Tokens
from portal_api.clock import system_clock
from portal_api.domain.roles import Role
from portal_api.domain.tables import printed_tables
from portal_api.revisions import NEWEST
from portal_api.schema import printed_schema
from tests.conftest import ENGINES, new_database_url
from tests.importers.conftest import write_files

KEY = "a key long enough to sign the tokens of a test"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=ENGINES)
async def environment(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """The environment of a process on an empty database."""
    async with new_database_url(request.param, tmp_path) as url:
        given = {"PORTAL_DATABASE_URL": url} | ({} if request.param == "sqlite" else {"PORTAL_SIGNING_KEY": KEY})
        yield {**os.environ, **given}


@pytest.fixture
def portal(environment: dict[str, str]) -> Run:
    """Runs `portal-api` with arguments, to its end."""

    def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "portal_api", *arguments],
            env={**environment, **extra},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of a few registrations."""
    return write_files(tmp_path / "records")


@pytest.fixture
def is_sqlite(environment: dict[str, str]) -> bool:
    return environment["PORTAL_DATABASE_URL"].startswith("sqlite")


def test_seeding_makes_demo_data_once(portal: Run, is_sqlite: bool) -> None:
    if not is_sqlite:
        refused = portal("seed", "--learners", "20")
        assert refused.returncode == 1
        assert "portal-api migrate up" in refused.stderr
        assert portal("migrate", "up").returncode == 0

    first, second = portal("seed", "--learners", "20"), portal("seed", "--learners", "25")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "is ready" in first.stdout
    assert "nothing was changed" in second.stdout


def test_a_token_stands_alone_on_the_last_line(portal: Run) -> None:
    portal("migrate", "up")
    portal("seed", "--learners", "20")
    for role in (Role.OWNER, Role.INTEGRATION):
        answer = portal("token", "--role", role.name, "--ttl", "90s", PORTAL_SIGNING_KEY=KEY)
        assert answer.returncode == 0, answer.stderr
        claims = Tokens(KEY).read(answer.stdout.splitlines()[-1], now=system_clock())
        assert claims.organisation_id

    elsewhere = portal("token", "--role", "OWNER", "--organisation", "demo-twin", PORTAL_SIGNING_KEY=KEY)
    assert Tokens(KEY).read(elsewhere.stdout.strip(), now=system_clock()).organisation_id != claims.organisation_id


def test_the_data_set_becomes_series_or_courses(portal: Run, folder: Path) -> None:
    portal("migrate", "up")

    as_series, as_courses = (
        portal("import", "oulad", str(folder)),
        portal("import", "oulad", str(folder), "--as", "courses"),
    )

    assert "3 series" in as_series.stdout, as_series.stderr
    assert "3 courses" in as_courses.stdout, as_courses.stderr
    assert as_courses.stdout.splitlines()[-1].startswith("It took ")


ON_SQLITE = pytest.mark.parametrize("environment", ["sqlite"], indirect=True)


@ON_SQLITE
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("token", "--role", "PILOT"), 2, "no role"),
        (("token", "--role", "OWNER", "--ttl", "soon"), 2, "no time"),
        (("token", "--role", "OWNER", "--learner", "a", "--user", "b"), 2, "not both"),
        (("token", "--role", "OWNER", "--organisation", "nowhere"), 1, "Nobody holds the role OWNER"),
        (("seed", "--learners", "0"), 2, "learners"),
        (("import", "oulad", "no/such/folder"), 1, "courses.csv"),
        (("import", "oulad", "no/such/folder", "--as", "courses"), 1, "courses.csv"),
        (("import", "oulad", "no/such/folder", "--as", "letters"), 2, "letters"),
        (("migrate", "sideways"), 2, "sideways"),
        (("fly",), 2, "fly"),
    ],
)
def test_wrong_use_is_told_on_standard_error(portal: Run, arguments: tuple[str, ...], code: int, words: str) -> None:
    if code == 1:
        portal("migrate", "up")
    answer = portal(*arguments)
    assert answer.returncode == code
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr


def test_migrations_go_up_down_and_tell_where_they_stand(portal: Run) -> None:
    assert portal("migrate", "status").returncode == 1
    newest = NEWEST
    assert portal("migrate", "up").stdout.startswith(f"database: {newest}; code: {newest}")
    assert portal("migrate", "status").returncode == 0
    assert portal("migrate", "down").stdout.startswith(f"database: {int(newest) - 1:04}; code: {newest}")
    assert portal("migrate", "status").returncode == 1


def test_a_tick_says_how_much_time_moved(portal: Run) -> None:
    portal("migrate", "up")
    assert portal("tick").stdout == "Time moved 0 records.\n"


@ON_SQLITE
def test_a_database_that_is_not_there_is_told_in_one_line(portal: Run) -> None:
    answer = portal("tick", PORTAL_DATABASE_URL="postgresql+asyncpg://nobody@127.0.0.1:1/nowhere")
    assert answer.returncode == 1
    assert len(answer.stderr.strip().splitlines()) == 1


@ON_SQLITE
def test_serving_refuses_without_a_key_where_none_is_made(portal: Run) -> None:
    answer = portal("serve", PORTAL_ENV="production", PORTAL_SIGNING_KEY="short")
    assert answer.returncode == 1
    assert "PORTAL_SIGNING_KEY" in answer.stderr


@ON_SQLITE
def test_the_printed_files_are_up_to_date_and_drift_is_refused(portal: Run) -> None:
    assert portal("schema", "--check").returncode == 0
    assert portal("tables", "--check").returncode == 0
    home = Path(__file__).parents[2]
    assert (home / "schema.graphql").read_text() == printed_schema()
    assert (home / "docs" / "tables.md").read_text() == printed_tables()


@ON_SQLITE
def test_the_signing_key_is_made_once_and_for_its_owner_only(portal: Run, tmp_path: Path) -> None:
    portal("seed", "--learners", "20")
    portal("token", "--role", "OWNER")
    [file] = tmp_path.glob("*.signing-key")
    key = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    portal("token", "--role", "OWNER")
    assert file.read_text() == key


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """A server as a process of its own, stopped in the end."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "portal_api", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode in {0, -signal.SIGTERM}


def test_a_served_portal_answers_and_stops_when_it_is_told(portal: Run, environment: dict[str, str]) -> None:
    portal("migrate", "up")
    with served(environment) as address:
        assert b'"ready":true' in _answer_of(f"{address}/readyz")
        assert b"Learner portal" in _answer_of(f"{address}/")
        assert _answer_of(f"{address}/graphql?query=%7B__typename%7D") == b'{"data":{"__typename":"Query"}}'


def _answer_of(url: str) -> bytes:
    for _ in range(150):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read()
        except urllib.error.URLError:
            time.sleep(0.2)
    pytest.fail(f"nothing answers at {url}")
