"""The example programs, run as people run them: as processes of their own, against a portal at a port of this machine."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from portal_api.auth import Claims, Tokens
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.models import roles
from tests.clock import START

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Ended:
    """How a run of a program ended: its exit code, what it printed, and what it said meanwhile."""

    code: int
    printed: list[str]
    said: str

    @property
    def counts(self) -> dict[str, int]:
        """What it counted: the lines of a name and a number."""
        pairs = [words for line in self.printed if len(words := line.split()) == 2]
        return {name: int(count) for name, count in pairs}


Run = Callable[..., Awaitable[Ended]]


async def ended(program: str, *arguments: str) -> Ended:
    """Runs a program to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLES / program, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    printed, said = await process.communicate()
    return Ended(process.returncode or 0, printed.decode().splitlines(), said.decode())


async def token_of(database: Database, tokens: Tokens, role: Role) -> str:
    """A token of the only user who holds a role."""
    async with database.engine.connect() as connection:
        held = (await connection.execute(select(roles).where(roles.c.role == role))).one()
    claims = Claims(held.organisation_id, held.user_id)
    return tokens.sign(claims, now=START, ttl=timedelta(hours=1))
