"""PgBouncer in transaction mode, as it is delivered: in front of a server, for as long as a block lasts."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from tests.postgres import _unprivileged, die_with_parent

PROGRAM = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
PORT = 6432
PATIENCE = 20.0
SETTINGS = """
[databases]
* = host={server}

[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
logfile = {folder}/log
"""
"""Nothing but where and who: no list of parameters to be ignored, and no reset between clients."""


@contextmanager
def pooler(database_url: str, *, connections: int) -> Iterator[str]:
    """Runs a pooler that leads to a database by so many connections; gives the database's address behind it."""
    assert PROGRAM
    url = make_url(database_url)
    # What is stopped may still write as its folder goes.
    with tempfile.TemporaryDirectory(prefix="portal-pooler-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            SETTINGS.format(server=url.query["host"], port=PORT, folder=folder, connections=connections)
        )
        (folder / "users").write_text('"postgres" ""\n')
        process = subprocess.Popen(
            [PROGRAM, "--quiet", settings],
            cwd=folder,
            preexec_fn=die_with_parent,  # noqa: PLW1509  the run has one thread as yet
            **_unprivileged(folder),
        )
        try:
            _wait(process, folder)
            yield url.set(query={"host": place, "port": str(PORT)}).render_as_string(hide_password=False)
        finally:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[Any], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not (folder / f".s.PGSQL.{PORT}").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PgBouncer did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.02)
