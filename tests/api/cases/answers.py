"""What is read out of the payload of any mutation."""

from tests.client import Json


def outcomes(payload: Json) -> list[str]:
    """What became of each row, in the order of the answer."""
    return [result["outcome"] for result in payload["results"]]


def row_codes(payload: Json) -> list[list[str]]:
    """The codes of each row, in the order of the answer."""
    return [[error["code"] for error in result["errors"]] for result in payload["results"]]


def call_codes(payload: Json) -> list[str]:
    """The codes that refuse a call as a whole."""
    return [error["code"] for error in payload["errors"]]
