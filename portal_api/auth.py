"""From a bearer token to a viewer: the token says who and where, the database says what they may."""

import math
import os
import secrets
from base64 import b64encode
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from jwt.types import Options

from portal_api.context import Viewer
from portal_api.database import Reader, sqlite_file
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.roles import Role
from portal_api.ids import global_id, parse_global_id
from portal_api.planner.dialects import Dialect
from portal_api.planner.errors import RequestError
from portal_api.queries import organisations as organisation_queries
from portal_api.settings import Settings

AUDIENCE = "learner-portal"
LINK_AUDIENCE = "learner-portal-exports"
FILE_AUDIENCE = "learner-portal-files"
ALGORITHM = "HS256"
LINK_TTL = timedelta(minutes=5)
FRESH = timedelta(seconds=5)
"""How old the role and the link of a reader may be."""
MOST_KNOWN = 10_000
SHORTEST_KEY = 32


_SIGNATURE_ALONE: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""What a token says is looked at here, by the clock of the request."""


def _claims(token: str, key: str) -> dict[str, Any]:
    """What a token says that is signed with a key.

    Raises:
        jwt.InvalidTokenError: if it is not.
    """
    return jwt.decode(token, key, algorithms=[ALGORITHM], options=_SIGNATURE_ALONE)  # pyright: ignore[reportUnknownMemberType]  it takes keys of types that are not installed


def _signed(claims: dict[str, Any], key: str) -> str:
    return jwt.encode(claims, key, ALGORITHM)  # pyright: ignore[reportUnknownMemberType]  it takes keys of types that are not installed


class NotSignedIn(RequestError):
    """The request carries no token that holds; says what is wrong with it."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.UNAUTHENTICATED, message)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says that holds: a user, in an organisation."""

    organisation_id: UUID
    user_id: UUID
    token_id: UUID | None = None
    """The integration token that it is, for a machine client that was issued one; others stand alone."""


class Tokens:
    """Signs tokens and reads them."""

    def __init__(self, key: str) -> None:
        """Takes the key that signs.

        Raises:
            ValueError: if it is too short to protect anything.
        """
        if len(key) < SHORTEST_KEY:
            raise ValueError(f"PORTAL_SIGNING_KEY needs {SHORTEST_KEY} characters at least; this one has {len(key)}.")
        self._key = key
        self._known: OrderedDict[str, tuple[Claims, int]] = OrderedDict()
        """What tokens of late say, whose signatures have been seen to be ours, and when they expire."""

    def sign(self, claims: Claims, *, now: datetime, ttl: timedelta) -> str:
        """A token for a user in an organisation, good for `ttl`."""
        return _signed(
            {
                "aud": AUDIENCE,
                "sub": claims.user_id.hex,
                "org": claims.organisation_id.hex,
                "iat": int(now.timestamp()),
                "exp": math.ceil((now + ttl).timestamp()),
                **({} if claims.token_id is None else {"jti": claims.token_id.hex}),
            },
            self._key,
        )

    def read(self, token: str, *, now: datetime) -> Claims:
        """What a token says.

        Raises:
            NotSignedIn: if it is malformed, signed with another key, expired, or meant for another audience.
        """
        known = self._known.get(token) or self._read_anew(token)
        self._known[token] = known
        self._known.move_to_end(token)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        claims, expires = known
        if expires <= now.timestamp():
            raise NotSignedIn("The token has expired. Sign in again.")
        return claims

    def _read_anew(self, token: str) -> tuple[Claims, int]:
        try:
            said = _claims(token, self._key)
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError) as error:
            raise NotSignedIn("The token is not one of ours: its signature or form is wrong. Sign in again.") from error
        if said.get("aud") != AUDIENCE:
            raise NotSignedIn("The token is meant for another audience. Sign in here.")
        expires = said.get("exp")
        if not isinstance(expires, int):
            raise NotSignedIn("The token has expired. Sign in again.")
        try:
            token_id = UUID(said["jti"]) if "jti" in said else None
            return Claims(UUID(said["org"]), UUID(said["sub"]), token_id), expires
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise NotSignedIn("The token names no user of an organisation. Sign in again.") from error


class DownloadLinks:
    """Signs links to files and reads them. Who has one needs no token, for a few minutes."""

    def __init__(self, key: str) -> None:
        """Takes the key that signs; an audience of their own keeps links and tokens apart."""
        self._key = key

    def sign(self, organisation_id: UUID, export_id: UUID, now: datetime) -> str:
        """The path of an export's file, good for five minutes."""
        token = _signed(
            {
                "aud": LINK_AUDIENCE,
                "sub": export_id.hex,
                "org": organisation_id.hex,
                "exp": (now + LINK_TTL).timestamp(),
            },
            self._key,
        )
        return f"/exports/{token}"

    def read(self, token: str, *, now: datetime) -> tuple[UUID, UUID] | None:
        """The organisation and the export that a link leads to; None for one that does not hold, for whatever reason."""
        try:
            claims = _claims(token, self._key)
            if claims["aud"] != LINK_AUDIENCE or claims["exp"] <= now.timestamp():
                return None
            return UUID(claims["org"]), UUID(claims["sub"])
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError, RecursionError):
            return None

    def sign_file(self, prefix: str, organisation_id: UUID, id_: UUID, now: datetime) -> tuple[str, datetime]:
        """The path of a record's file, and when it ends; `prefix` says what record it is."""
        expires_at = now + LINK_TTL
        token = _signed(
            {
                "aud": FILE_AUDIENCE,
                "sub": global_id(prefix, id_),
                "org": organisation_id.hex,
                "exp": expires_at.timestamp(),
            },
            self._key,
        )
        return f"/files/{token}", expires_at

    def read_file(self, token: str, *, now: datetime) -> tuple[str, UUID, UUID] | None:
        """The prefix, organisation and record that a link leads to; None for one that does not hold."""
        try:
            claims = _claims(token, self._key)
            if claims["aud"] != FILE_AUDIENCE or claims["exp"] <= now.timestamp():
                return None
            prefix, id_ = parse_global_id(claims["sub"]) or ("", None)
            return (prefix, UUID(claims["org"]), id_) if id_ else None
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError, RecursionError):
            return None


async def find_viewer(reader: Reader, dialect: Dialect, claims: Claims, now: datetime) -> Viewer:
    """The viewer that a token's bearer is, as the database has it now.

    Raises:
        NotSignedIn: if the user holds no role in the organisation, or the integration token was revoked or has expired.
        RequestError: `APP_ACCESS_OFF`, for a learner who is inactive or has no app access.
    """
    asked = organisation_queries.principal(dialect, claims.organisation_id, claims.user_id, claims.token_id, now)
    found = await reader.run(asked)
    if found is None:
        raise NotSignedIn("You hold no role in this organisation any more. Ask its Owner.")
    if claims.token_id is not None and not found.has_token:
        raise NotSignedIn("The integration token was revoked or has expired. Ask an Owner to issue a new one.")
    if found.role is Role.LEARNER and not found.has_app_access:
        raise RequestError(
            ErrorCode.APP_ACCESS_OFF,
            "Your access to the app is off, or your learner record is inactive. Ask an administrator to switch it on.",
        )
    return Viewer(
        claims.organisation_id, claims.user_id, found.role, found.learner_id, claims.token_id, found.time_zone
    )


class Viewers:
    """The viewers of late: a reader's role and link may be a few seconds old, a writer's never are."""

    def __init__(self, reader: Reader, dialect: Dialect) -> None:
        """Reads them by `reader`."""
        self._reader = reader
        self._dialect = dialect
        self._known: OrderedDict[Claims, tuple[datetime, Viewer]] = OrderedDict()

    async def viewer(self, claims: Claims, now: datetime, *, may_be_known: bool) -> Viewer:
        """The viewer of a request; one that only reads may have that of a few seconds ago.

        Raises:
            NotSignedIn, RequestError: as `find_viewer` has them.
        """
        known = self._known.get(claims)
        if may_be_known and known and timedelta() <= now - known[0] < FRESH:
            return known[1]
        self._known.pop(claims, None)
        viewer = await find_viewer(self._reader, self._dialect, claims, now)
        self._known[claims] = (now, viewer)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return viewer


def signing_key(settings: Settings) -> str:
    """The key that signs tokens: the one given, or on SQLite one made at first start, in a file beside the database.

    Raises:
        ValueError: if none is given where one must be.
    """
    if settings.signing_key is not None:
        return settings.signing_key.get_secret_value()
    database = sqlite_file(settings)
    if database is None or settings.is_production:
        raise ValueError("Give PORTAL_SIGNING_KEY: on PostgreSQL and in production the portal makes none by itself.")
    return _kept_key(database.with_name(f"{database.name}.signing-key"))


def _kept_key(file: Path) -> str:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as opened:
        key = secrets.token_urlsafe(48)
        opened.write(f"{key}\n")
    return key


def new_webhook_secret() -> str:
    """What the messages to a webhook endpoint are signed with, as the Standard Webhooks specification writes it."""
    return f"whsec_{b64encode(secrets.token_bytes(24)).decode()}"
