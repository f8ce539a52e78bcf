"""The processes that are measured: the portal as it is served, floor and peers beside it, and PostgreSQL under them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import (
    UNPRIVILEGED,
    _programs,
    _unprivileged,
    _wait,
    die_with_parent,
)

HOST = "127.0.0.1"
PATIENCE = 60
POSTGRESQL = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "512MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
}
"""A small server that keeps what it acknowledged: fsync, full_page_writes and synchronous_commit stand at on."""


@dataclass(frozen=True, slots=True)
class Server:
    """A process that listens."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def memory(self) -> float | None:
        """What it holds of the machine's memory now, in MB; None where the system does not tell."""
        return self._megabytes("VmRSS")

    @property
    def most_memory(self) -> float | None:
        """The most that it ever held; None where the system does not tell."""
        return self._megabytes("VmHWM")

    def _megabytes(self, name: str) -> float | None:
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return None
        [line] = [each for each in status.read_text().splitlines() if each.startswith(f"{name}:")]
        return int(line.split()[1]) / 1024

    @property
    def cpu(self) -> float | None:
        """The seconds that it has been computing so far, all threads together; None where the system does not tell."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        if not stat.exists():
            return None
        user, system = stat.read_text().rpartition(") ")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def portal(environment: Mapping[str, str]) -> Iterator[Server]:
    """The portal, one worker, as `portal-api serve` starts it."""
    program = Path(sys.executable).with_name("portal-api")
    with _listening([str(program), "serve"], "/readyz", environment) as server:
        yield server


@contextmanager
def floor(environment: Mapping[str, str]) -> Iterator[Server]:
    """The floor, one worker."""
    with _listening([sys.executable, "-m", "benchmarks.floor"], "/", environment) as server:
        yield server


@contextmanager
def tutorial(environment: Mapping[str, str]) -> Iterator[Server]:
    """The tutorial-style server, one worker."""
    with _listening([sys.executable, "-m", "benchmarks.peers.tutorial"], "/", environment) as server:
        yield server


@contextmanager
def on_node(node: str, program: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """A program of Node's, one process."""
    with _listening([node, str(program)], "/", environment) as server:
        yield server


@contextmanager
def _listening(command: list[str], ready_at: str, environment: Mapping[str, str]) -> Iterator[Server]:
    port = _free_port()
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env={name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | dict(environment),
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(process, f"http://{HOST}:{port}{ready_at}")
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return listener.getsockname()[1]


def _wait_for(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode} before it listened.")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not answer at {url}.")


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A server on the cluster in a folder, made at first use; gives the URL of its maintenance database."""
    # What is stopped may still write as its folder goes.
    with tempfile.TemporaryDirectory(prefix="portal-bench-", ignore_cleanup_errors=True) as place:
        sockets = Path(place)
        who = _unprivileged(sockets)
        programs = _programs(sockets, who)
        data = folder / "data"
        if not data.exists():
            if who:
                shutil.chown(folder, UNPRIVILEGED)
            subprocess.run(
                [
                    programs / "initdb",
                    "-D",
                    data,
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--username=postgres",
                ],
                check=True,
                stdout=subprocess.DEVNULL,
                cwd=sockets,
                **who,
            )
        options = [f"--{name}={value}" for name, value in {**POSTGRESQL, "unix_socket_directories": place}.items()]
        with (sockets / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=sockets,
                preexec_fn=die_with_parent,  # noqa: PLW1509  one system call, and no thread of ours runs yet
                **who,
            )
        try:
            _wait(process, data / "postmaster.pid", sockets / "log")
            yield f"postgresql+asyncpg://postgres@/postgres?host={place}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
