"""What a client did wrong, found while a query is planned or run."""

from typing import Any

from graphql import GraphQLError

from portal_api.domain.refusals import ErrorCode


class RequestError(GraphQLError):
    """A coded, readable error at the top level of the answer."""

    def __init__(self, code: ErrorCode, message: str, **details: Any) -> None:
        super().__init__(message, extensions={"code": code.name, **details})
        self.code = code
