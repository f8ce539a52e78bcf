"""What no answer may show, whatever it was asked: the inside of the house."""

from typing import Any

import httpx
import orjson

from portal_api.domain.refusals import ErrorCode
from portal_api.models import metadata

INSIDE = (
    "Traceback",
    'File "',
    "site-packages",
    "portal_api",
    "sqlalchemy",
    "asyncpg",
    "sqlite",
    "postgres",
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "organisation_id",
    *(table.name for table in metadata.sorted_tables if "_" in table.name),
)
CODES = {code.name for code in ErrorCode}


def tidy(response: httpx.Response) -> Any:
    """The answer of the portal, once it has been seen that it shows nothing of the inside and that each error has a code."""
    assert response.status_code < 500, response.text[:2_000]
    shown = response.text
    for inside in INSIDE:
        assert inside not in shown, f"{inside} in {shown[:2_000]}"
    answer = orjson.loads(response.content)
    assert "data" in answer or answer["errors"]
    for error in answer.get("errors", ()):
        assert error["message"]
        assert error["extensions"]["code"] in CODES - {"INTERNAL"}, error
    return answer
