"""The command line, run as people run it: each command that does something is a process."""

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
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from portal_api.auth import Tokens
from portal_api.cli import portal as commands
from portal_api.clock import system_clock
from portal_api.domain.roles import Role
from portal_api.domain.tables import printed_tables
from portal_api.revisions import NEWEST
from portal_api.schema import printed_schema
from tests.conftest import OfEngine, new_database_url
from tests.importers.conftest import write_files

KEY = "a key long enough to sign the tokens of a test"
Run = Callable[..., subprocess.CompletedProcess[str]]


def environment_at(url: str) -> dict[str, str]:
    """The environment of a process on a database."""
    return {
        **os.environ,
        "PORTAL_DATABASE_URL": url,
        **({} if url.startswith("sqlite") else {"PORTAL_SIGNING_KEY": KEY}),
    }


@pytest.fixture
async def environment(engine: str, tmp_path: Path, _migrated: OfEngine[str]) -> AsyncIterator[dict[str, str]]:
    """The environment of a process on a database of the test's own, at the newest revision."""
    async with new_database_url(engine, tmp_path, like=await _migrated(engine)) as url:
        yield environment_at(url)


@pytest.fixture
async def empty_environment(engine: str, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """The environment of a process on a database without a table."""
    async with new_database_url(engine, tmp_path) as url:
        yield environment_at(url)


def portal_in(environment: dict[str, str]) -> Run:
    """Runs `portal-api` in an environment."""

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
def portal(environment: dict[str, str]) -> Run:
    """Runs `portal-api` with arguments, to its end."""
    return portal_in(environment)


@pytest.fixture
def empty_portal(empty_environment: dict[str, str]) -> Run:
    """Runs it where there is no table yet."""
    return portal_in(empty_environment)


@pytest.fixture(scope="module")
async def seeded_environment(
    engine: str, tmp_path_factory: pytest.TempPathFactory, _migrated: OfEngine[str]
) -> AsyncIterator[dict[str, str]]:
    """The environment of a process on a database with the demonstration, for all tests that only look at it."""
    copy = new_database_url(engine, tmp_path_factory.mktemp("seeded"), like=await _migrated(engine))
    async with copy as url:
        environment = environment_at(url)
        made = portal_in(environment)("seed", "--learners", "20")
        assert made.returncode == 0, made.stderr
        assert "is ready" in made.stdout
        yield environment


@pytest.fixture
def seeded_portal(seeded_environment: dict[str, str]) -> Run:
    """Runs it where the demonstration is."""
    return portal_in(seeded_environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of a few registrations."""
    return write_files(tmp_path / "records")


def test_an_embedded_database_is_made_by_what_needs_it_and_a_server_by_whoever_runs_it(
    empty_portal: Run, engine: str
) -> None:
    answer = empty_portal("seed", "--learners", "20")

    if engine == "sqlite":
        assert answer.returncode == 0, answer.stderr
    else:
        assert answer.returncode == 1
        assert "portal-api migrate up" in answer.stderr


def test_demo_data_is_made_once(seeded_portal: Run) -> None:
    again = seeded_portal("seed", "--learners", "25")

    assert again.returncode == 0, again.stderr
    assert "nothing was changed" in again.stdout


def test_a_token_stands_alone_on_the_last_line(seeded_portal: Run) -> None:
    for role in (Role.OWNER, Role.INTEGRATION):
        answer = seeded_portal("token", "--role", role.name, "--ttl", "90s", PORTAL_SIGNING_KEY=KEY)
        assert answer.returncode == 0, answer.stderr
        claims = Tokens(KEY).read(answer.stdout.splitlines()[-1], now=system_clock())
        assert claims.organisation_id

    elsewhere = seeded_portal("token", "--role", "OWNER", "--organisation", "demo-twin", PORTAL_SIGNING_KEY=KEY)
    assert Tokens(KEY).read(elsewhere.stdout.strip(), now=system_clock()).organisation_id != claims.organisation_id


def test_the_data_set_becomes_series_or_courses(portal: Run, folder: Path) -> None:
    as_series, as_courses = (
        portal("import", "oulad", str(folder)),
        portal("import", "oulad", str(folder), "--as", "courses"),
    )

    assert "3 series" in as_series.stdout, as_series.stderr
    assert "3 courses" in as_courses.stdout, as_courses.stderr
    assert as_courses.stdout.splitlines()[-1].startswith("It took ")


ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("token", "--role", "PILOT"), "no role"),
        (("token", "--role", "OWNER", "--ttl", "soon"), "no time"),
        (("token", "--role", "OWNER", "--learner", "a", "--user", "b"), "not both"),
        (("seed", "--learners", "0"), "learners"),
        (("import", "oulad", "no/such/folder", "--as", "letters"), "letters"),
        (("migrate", "sideways"), "sideways"),
        (("fly",), "fly"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_done(arguments: tuple[str, ...], words: str) -> None:
    """Not as a process each: nothing of the environment is asked for."""
    answer = CliRunner().invoke(commands, arguments)

    assert answer.exit_code == 2
    assert isinstance(answer.exception, SystemExit)
    assert words in answer.stderr


@ON_SQLITE
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("token", "--role", "OWNER", "--organisation", "nowhere"), "Nobody holds the role OWNER"),
        (("import", "oulad", "no/such/folder"), "courses.csv"),
        (("import", "oulad", "no/such/folder", "--as", "courses"), "courses.csv"),
    ],
)
def test_what_cannot_be_done_is_told_on_standard_error(portal: Run, arguments: tuple[str, ...], words: str) -> None:
    answer = portal(*arguments)

    assert answer.returncode == 1
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr


def test_migrations_go_up_down_and_tell_where_they_stand(empty_portal: Run) -> None:
    assert empty_portal("migrate", "status").returncode == 1
    newest = NEWEST
    assert empty_portal("migrate", "up").stdout.startswith(f"database: {newest}; code: {newest}")
    assert empty_portal("migrate", "status").returncode == 0
    assert empty_portal("migrate", "down").stdout.startswith(f"database: {int(newest) - 1:04}; code: {newest}")
    assert empty_portal("migrate", "status").returncode == 1


def test_a_tick_says_how_much_time_moved(portal: Run) -> None:
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
def test_the_signing_key_is_made_once_and_for_its_owner_only(
    seeded_portal: Run, seeded_environment: dict[str, str]
) -> None:
    file = Path(f"{make_url(seeded_environment['PORTAL_DATABASE_URL']).database}.signing-key")
    assert not file.exists()

    assert seeded_portal("token", "--role", "OWNER").returncode == 0
    key = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert seeded_portal("token", "--role", "OWNER").returncode == 0
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
