"""Tokens that do not hold."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from warnings import catch_warnings, simplefilter

import jwt
import orjson
import pytest
from jwt.warnings import InsecureKeyLengthWarning

from portal_api.auth import Claims, Tokens
from portal_api.domain.roles import Role
from tests.api.bad_input.sending import HEX, send
from tests.api.tidiness import tidy
from tests.client import HOUR, Client, Json, codes
from tests.clock import ManualClock
from tests.conftest import SIGNING_KEY, SignIn
from tests.factories import Organisation


def _token(claims: Json, key: str = SIGNING_KEY, algorithm: str = "HS256") -> str:
    with catch_warnings():
        simplefilter("ignore", InsecureKeyLengthWarning)  # another algorithm would want a longer one
        return jwt.encode(claims, key, algorithm)


def _unsigned(header: Any, claims: Any) -> str:
    parts = (base64.urlsafe_b64encode(orjson.dumps(each)).rstrip(b"=").decode() for each in (header, claims))
    return ".".join([*parts, ""])


WrongToken = Callable[[Json], str]
WRONG_TOKENS: dict[str, WrongToken] = {
    "expired": lambda claims: _token({**claims, "exp": claims["iat"]}),
    "expired at this very instant": lambda claims: _token({**claims, "exp": claims["exp"] - 3_600}),
    "that never expires": lambda claims: _token({name: claims[name] for name in claims if name != "exp"}),
    "that expires in words": lambda claims: _token({**claims, "exp": "tomorrow"}),
    "signed with another key": lambda claims: _token(claims, "some other key of forty characters, or so"),
    "for another audience": lambda claims: _token({**claims, "aud": "another portal"}),
    "for no audience": lambda claims: _token({name: claims[name] for name in claims if name != "aud"}),
    "for a list of audiences": lambda claims: _token({**claims, "aud": ["another portal"]}),
    "without a signature": lambda claims: _unsigned({"alg": "none"}, claims),
    "without a signature, in other letters": lambda claims: _unsigned({"alg": "NONE"}, claims),
    "of another algorithm": lambda claims: _token(claims, algorithm="HS512"),
    "of no algorithm": lambda claims: _unsigned({"typ": "JWT"}, claims),
    "with a critical extension": lambda claims: _unsigned({"alg": "HS256", "crit": ["exp"]}, claims),
    "whose signature is cut": lambda claims: _token(claims)[:-2],
    "whose claims are changed": lambda claims: ".".join(
        [
            _token(claims).split(".")[0],
            _unsigned({}, {**claims, "sub": HEX}).split(".")[1],
            _token(claims).split(".")[2],
        ]
    ),
    "whose claims are a list": lambda _: _unsigned({"alg": "HS256"}, []),
    "whose header is a list": lambda claims: _unsigned([], claims),
    "whose header is a number": lambda claims: _unsigned(5, claims),
    "whose header is null": lambda claims: _unsigned(None, claims),
    "of one part": lambda _: "token",
    "of two parts": lambda _: "a.b",
    "of three parts": lambda _: "a.b.c",
    "of five parts": lambda _: "a.b.c.d.e",
    "of dots": lambda _: "..",
    "that is no ASCII": lambda claims: f"{_token(claims)}\xe9",
    "for nobody": lambda claims: _token({name: claims[name] for name in claims if name != "sub"}),
    "for a number": lambda claims: _token({**claims, "sub": 5}),
    "for a word": lambda claims: _token({**claims, "sub": "me"}),
    "for a user that is not there": lambda claims: _token({**claims, "sub": HEX}),
    "for an organisation that is not there": lambda claims: _token({**claims, "org": HEX}),
    "for no organisation": lambda claims: _token({name: claims[name] for name in claims if name != "org"}),
}


@pytest.mark.parametrize("make", WRONG_TOKENS.values(), ids=WRONG_TOKENS.keys())
async def test_a_token_does_not_hold(make: WrongToken, admin: Client) -> None:
    now = admin.clock()
    claims = {
        "aud": "learner-portal",
        "sub": admin.user.id.hex,
        "org": admin.organisation.id.hex,
        "iat": int(now.timestamp()),
        "exp": int((now + HOUR).timestamp()),
    }
    body = b'{"query": "{ viewer { role } }"}'
    sent = [(b"content-type", b"application/json")]

    holds, response = [
        await admin.http.post(
            "/graphql", content=body, headers=[*sent, (b"authorization", f"Bearer {token}".encode("latin-1"))]
        )
        for token in (_token(claims), make(claims))
    ]

    assert holds.json() == {"data": {"viewer": {"role": "ADMIN"}}}
    assert response.status_code == 401
    assert codes(tidy(response)) == ["UNAUTHENTICATED"]
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_of_a_user_of_another_organisation_does_not_hold_here(
    organisation: Organisation, admin: Client, sign_in: SignIn
) -> None:
    twin = organisation.twin()
    await twin.save()
    claims = Claims(organisation.id, twin.staff[Role.OWNER].id)
    token = admin.tokens.sign(claims, now=admin.clock(), ttl=HOUR)

    answer = await send(admin, b'{"query": "{ viewer { role } }"}', 401, authorization=f"Bearer {token}")

    assert codes(answer) == ["UNAUTHENTICATED"]


async def test_a_token_holds_up_to_its_last_second(admin: Client, clock: ManualClock) -> None:
    token = admin.token
    body = b'{"query": "{ viewer { role } }"}'

    # It is signed for an hour, to the next whole second.
    clock.now = clock.now.replace(microsecond=0) + HOUR + timedelta(seconds=1) - timedelta(microseconds=1)
    assert codes(await send(admin, body, authorization=f"Bearer {token}")) == []
    clock.advance(timedelta(microseconds=1))
    assert codes(await send(admin, body, 401, authorization=f"Bearer {token}")) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "bearer\tx", "Token x", "\xe9", "Bearer \x00"]
)
async def test_a_header_that_is_no_bearer_token_is_refused(header: str, admin: Client) -> None:
    response = await admin.http.post(
        "/graphql", json={"query": "{ __typename }"}, headers=[(b"authorization", header.encode("latin-1"))]
    )

    assert response.status_code == 401
    assert codes(tidy(response)) == ["UNAUTHENTICATED"]


def test_a_key_that_protects_nothing_is_not_taken() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Tokens("short")
