"""What the environment decides: one class, every name beginning with PORTAL_."""

from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pydantic import Field, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    """Where the portal runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Pooler(StrEnum):
    """What stands between the portal and a PostgreSQL server."""

    NONE = "none"
    TRANSACTION = "transaction"


class Settings(BaseSettings):
    """The settings of a process; each can be given as an environment variable."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_")

    env: Environment = Environment.DEVELOPMENT
    database_url: str = Field(
        default="sqlite+aiosqlite:///portal.db", description="SQLite file or PostgreSQL database."
    )
    read_database_url: str | None = Field(
        default=None, description="A streaming replica of a PostgreSQL database, which answers queries."
    )
    pooler: Pooler = Field(
        default=Pooler.NONE, description="Whether PgBouncer or its like, in transaction mode, leads to PostgreSQL."
    )
    signing_key: SecretStr | None = Field(default=None, description="Signs the tokens; made at first start on SQLite.")
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="Where the world finds the portal: what printed codes lead to."
    )
    fonts: Path | None = Field(
        default=None, description="A folder of further fonts, for names in scripts of their own."
    )
    introspection: bool = Field(default=True, description="Whether anonymous callers may introspect the schema.")
    max_body: PositiveInt = Field(default=4 * 1024 * 1024, description="Bytes that a request may have.")
    max_document: PositiveInt = Field(default=100_000, description="Characters that a GraphQL document may have.")
    max_nodes: PositiveInt = Field(default=20_000, description="Records that a document may ask for at the most.")
    max_depth: PositiveInt = Field(default=12, description="Levels that a document may have.")
    max_roots: PositiveInt = Field(default=100, description="Root fields that a document may have.")
    plan_cache: PositiveInt = Field(default=1_000, description="Documents whose plans are kept.")
    trusted_documents: Path | None = Field(
        default=None, description="The manifest of the frontends' documents, which clients then ask for by hash."
    )
    only_trusted_documents: bool = Field(default=False, description="Whether those alone are answered.")
    answers_from_plans: bool = Field(
        default=True, description="Whether queries are answered by their plans alone; else an executor asks each plan."
    )
    readers: PositiveInt | None = Field(default=None, description="Connections that read at a time, in each worker.")
    writers: PositiveInt = Field(
        default=8, description="Connections that write at a time on PostgreSQL, in each worker."
    )
    busy_timeout: float = Field(default=5, ge=0.01, description="Seconds that a change waits for another one.")
    export_seconds: PositiveInt = Field(default=2, description="Seconds between two looks at exports that wait.")
    courier_seconds: PositiveInt = Field(default=5, description="Seconds between two looks at what is to be delivered.")
    webhooks_inside: bool = Field(
        default=False, description="Whether webhooks may use plain http and addresses inside: for development."
    )
    metrics_token: SecretStr | None = Field(
        default=None, min_length=16, description="What a monitor sends to read /metrics; without it nobody reads them."
    )
    tick_seconds: PositiveInt = Field(default=60, description="Seconds between two looks at the clock's work.")

    @property
    def allows_webhooks_inside(self) -> bool:
        """Never in production, whatever is set."""
        return self.webhooks_inside and not self.is_production

    @property
    def is_production(self) -> bool:
        return self.env is Environment.PRODUCTION


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
