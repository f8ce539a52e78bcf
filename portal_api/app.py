"""The portal over HTTP: GraphQL at /graphql, its explorer at /, and what a load balancer asks."""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import orjson
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,  # pyright: ignore[reportUnknownVariableType]  graphql-core leaves its middleware untyped
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from portal_api import ids, memory, requests
from portal_api.auth import DownloadLinks, NotSignedIn, Tokens, Viewers, signing_key
from portal_api.clock import Clock, system_clock
from portal_api.context import Context, Viewer
from portal_api.courier import Courier
from portal_api.database import Database, open_database
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.learner_details import MOST_ATTRIBUTES
from portal_api.domain.refusals import ErrorCode
from portal_api.exporter import Exporter
from portal_api.ids import IdMaker
from portal_api.metrics import Metrics
from portal_api.pages import SECURITY_HEADERS, Pages
from portal_api.planner.collect import named_type
from portal_api.planner.cost import Limits
from portal_api.planner.declare import MOST_NODES
from portal_api.planner.dialects import dialect_of
from portal_api.planner.documents import Document, Documents, InvalidDocument, coded
from portal_api.planner.errors import RequestError
from portal_api.planner.execution import PlannedExecutor, Planner
from portal_api.planner.join import join
from portal_api.queries import exports as export_queries
from portal_api.queries import links as link_queries
from portal_api.queries.catalogue import CATALOGUE
from portal_api.requests import JSON, Asked
from portal_api.resolvers.changes import MOST_ROWS
from portal_api.resolvers.organisations import viewer_value
from portal_api.revisions import NEWEST, revision_steps
from portal_api.schema import executable_schema, guarded_roots
from portal_api.services.automations import simulating
from portal_api.services.automations.reacting import MOST_TOLD, react
from portal_api.settings import Settings, settings
from portal_api.ticker import tick_for_ever
from portal_api.trusted import KnownTexts, read_manifest
from portal_api.typesetter import Typesetter

log = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"
GRAPHQL_JSON = "application/graphql-response+json"
SIGN_IN = "Sign in: send the header 'Authorization: Bearer TOKEN'."
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
EXPLORER_HEADERS = SECURITY_HEADERS | {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
FILE_HEADERS = SECURITY_HEADERS | {"Cache-Control": "no-store"}
PUBLIC_FIELDS = {"__typename", "verifyCredential"}
"""What anybody may ask, signed in or not."""
VALUES = {"viewer": viewer_value}
"""The roots with a Python value that needs nothing but the request."""
COSTS = {"Query.simulateLearncycle": simulating.WORTH}
STATUS_OF = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.APP_ACCESS_OFF: 403,
    ErrorCode.DOCUMENT_NOT_TRUSTED: 403,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.PERSISTED_QUERY_NOT_FOUND: 200,  # a client that asks by hash sends the text then
    ErrorCode.REQUEST_TOO_LARGE: 413,
}


class Portal:
    """One process of the portal: what all of its requests share."""

    def __init__(self, given: Settings, database: Database, clock: Clock, new_id: IdMaker) -> None:
        """Joins schema and declarations; does not start if they do not fit."""
        self.settings = given
        self.database = database
        self.clock = clock
        self.new_id = new_id
        key = signing_key(given)
        self.tokens = Tokens(key)
        self.links = DownloadLinks(key)
        catalogue = export_queries.with_links(CATALOGUE, self.links.sign)
        schema, catalogue = executable_schema(), link_queries.with_links(catalogue, self.links.sign_file)
        join(schema, catalogue)
        dialect = dialect_of(given.database_url)
        self.planner = Planner(schema, catalogue, dialect, guarded_roots(), frozenset(VALUES))
        self.metrics = Metrics(self.planner.ways, given.metrics_token)
        self.exporter = Exporter(self.planner, database, clock, new_id)
        self.courier = Courier(database, clock, new_id, allows_inside=given.allows_webhooks_inside)
        self.viewers = Viewers(database.reader, dialect)
        typesetter = Typesetter(given.public_url, given.fonts)
        self.pages = Pages(database.reader, dialect, self.links, typesetter, clock)
        limits = Limits(
            given.max_nodes, given.max_depth, given.max_roots, _list_sizes(schema), CATALOGUE.page_sizes, COSTS
        )
        trusted: Mapping[str, str] = read_manifest(given.trusted_documents) if given.trusted_documents else {}
        self.texts = KnownTexts(trusted, only_trusted=given.only_trusted_documents, most=given.plan_cache)
        self.documents = Documents(schema, limits, most=given.plan_cache, longest=given.max_document)

    async def answer(self, request: Request) -> Response:
        """Answers one GraphQL request."""
        sent_id = request.headers.get("x-request-id", "")
        request_id = sent_id if REQUEST_ID.fullmatch(sent_id) else self.new_id(self.clock()).hex
        try:
            status, body = 200, await self._execute(request, request_id)
        except RequestError as error:
            status, body = STATUS_OF.get(error.code, 400), _failed([error])
        except InvalidDocument as error:
            status, body = (400 if _wants_graphql_json(request) else 200), _failed(error.errors)
        except RecursionError:
            error = RequestError(ErrorCode.REQUEST_INVALID, "The request is nested too deeply; send flatter variables.")
            status, body = 400, _failed([error])
        except Exception:  # our fault: told as such, and no more
            log.exception("request %s failed", request_id)
            status, body = 500, _failed([_masked(request_id)])
        headers = {
            "X-Request-Id": request_id,
            "Cache-Control": "no-store",
            "Vary": "Authorization, Accept",
        } | SECURITY_HEADERS
        if status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="learner portal"'
        if status == 405:
            headers["Allow"] = "POST"
        media_type = GRAPHQL_JSON if _wants_graphql_json(request) else JSON
        content = body if isinstance(body, str) else orjson.dumps(body)
        return Response(content, status, headers, f"{media_type}; charset=utf-8")

    async def _execute(self, request: Request, request_id: str) -> str | dict[str, Any]:
        asked = await requests.read(request, max_body=self.settings.max_body)
        now = self.clock()
        token = requests.bearer(request)
        claims = self.tokens.read(token, now=now) if token is not None else None
        text = self.texts.text(asked.query, asked.hash)
        document = self._document(text, is_anonymous=claims is None)
        operation = document.operation(asked.operation)
        is_query = operation.operation is OperationType.QUERY
        if request.method == "GET" and not is_query:
            raise RequestError(ErrorCode.METHOD_NOT_ALLOWED, "GET is for queries. Send a mutation by POST.")
        viewer: Viewer | None = None
        if claims is None:
            self._check_anonymous(document.root_fields(operation))
        else:
            viewer = await self.viewers.viewer(claims, now, may_be_known=is_query)
        if asked.hash is not None:
            self.texts.remember(asked.hash, text)
        context = Context(
            viewer=viewer,
            document=document,
            planner=self.planner,
            database=self.database,
            clock=self.clock,
            now=now,
            new_id=self.new_id,
            request_id=request_id,
            sign=self.tokens.sign,
            react=react,
            allows_inside=self.settings.allows_webhooks_inside,
        )
        return await self._from_plans(operation, asked, context) or self._body(
            await self._run(document, asked, context), request_id
        )

    async def _from_plans(self, operation: OperationDefinitionNode, asked: Asked, context: Context) -> str | None:
        """Answers a query by its plans alone, on one snapshot; None where an executor has to, or says what is wrong."""
        if context.viewer is None or not self.settings.answers_from_plans:
            return None
        found = self.planner.whole(context.document, operation, asked.variables)
        if found is None:
            return None
        whole, variables = found
        try:
            values = {name: value_of(context) for name, value_of in VALUES.items()}
            run = context.run(dict(variables))
            text = await context.read(lambda: whole.text(run, values), is_one_statement=whole.is_one_statement)
        except RequestError:  # the ordinary way meets it again, and tells it as it is to be told
            self.planner.ways["a refusal"] += 1
        except Exception:  # our fault; the ordinary way may do without what failed
            self.planner.ways["an error"] += 1
            log.exception("request %s was not answered by its plans", context.request_id)
        else:
            self.planner.ways["plans"] += 1
            return text
        return None

    def _document(self, text: str, *, is_anonymous: bool) -> Document:
        try:
            return self.documents.document(text)
        except InvalidDocument as error:
            if is_anonymous and not self.settings.introspection:  # what is wrong with it tells of the schema
                raise NotSignedIn(SIGN_IN) from error
            raise

    async def _run(self, document: Document, asked: Asked, context: Context) -> ExecutionResult:
        result: Any = execute(
            self.planner.schema,
            document.tree,
            context_value=context,
            variable_values=asked.variables,
            operation_name=asked.operation,
            executor_class=PlannedExecutor,
        )
        return result if isinstance(result, ExecutionResult) else await result

    def _body(self, result: ExecutionResult, request_id: str) -> dict[str, Any]:
        if not result.errors:
            return {"data": result.data}
        errors = [self._shown(error, request_id) for error in result.errors]
        if result.data is None:  # no root field is required, so none was run: the variables do not fit
            raise InvalidDocument(errors)
        return {"data": result.data, "errors": [error.formatted for error in errors]}

    def _shown(self, error: GraphQLError, request_id: str) -> GraphQLError:
        """An error as clients see it: our own as they are, those of graphql-core coded, everything else masked."""
        original = error.original_error
        if isinstance(original, RequestError):
            return error
        if original is None or isinstance(original, GraphQLError):
            return coded(error, ErrorCode.INPUT_INVALID)
        log.error("request %s failed at %s", request_id, error.path, exc_info=original)
        masked = _masked(request_id)
        return GraphQLError(masked.message, path=error.path, extensions=masked.extensions)

    def _check_anonymous(self, fields: set[str]) -> None:
        introspection = {"__schema", "__type"} if self.settings.introspection else set[str]()
        if not fields <= PUBLIC_FIELDS | introspection:
            raise NotSignedIn(SIGN_IN)

    async def file(self, request: Request) -> Response:
        """Gives the file that a link leads to; whatever is wrong with a link, there is nothing."""
        now = self.clock()
        found = self.links.read(request.path_params["token"], now=now)
        dialect, reader = self.planner.dialect, self.database.reader
        file = await reader.run(export_queries.file(dialect, *found, now)) if found else None
        if found is None or file is None:
            return Response("There is no such file, or not any more.\n", 404, FILE_HEADERS, "text/plain")

        async def content() -> AsyncGenerator[bytes]:
            for position in range(file.number):
                yield await reader.run(export_queries.piece(dialect, *found, position))

        headers = {
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Content-Length": str(file.size),
            "Content-Type": "text/csv; charset=utf-8",
        }
        return StreamingResponse(content(), 200, headers | FILE_HEADERS)

    async def ready(self, _: Request) -> Response:
        """Says whether this process can answer: the database is there, and at the revision of this code."""
        try:
            current = await self.database.reader.run(revision_steps())
        except Exception:  # whatever it was, we are not ready
            log.exception("the database does not answer")
            return _plain(503, {"ready": False, "cause": "the database does not answer"})
        if current != NEWEST:
            return _plain(
                503, {"ready": False, "cause": f"the database is at revision {current}, the code at {NEWEST}"}
            )
        return _plain(200, {"ready": True, "revision": current})


def _list_sizes(schema: GraphQLSchema) -> dict[str, int]:
    """How many records or values the lists without pages can have: `nodes`, attributes, the results of each mutation.

    A call that takes one record answers one; only calls that take many have a policy for the rows that fail.
    """
    mutations = schema.mutation_type.fields.values() if schema.mutation_type else ()
    own = {
        "Query.nodes": MOST_NODES,
        "Learner.attributes": MOST_ATTRIBUTES,
        "LifecycleBoard.stages": len(LifecycleStage),
    }
    for mutation in mutations:
        given = named_type(mutation.args["input"].type)
        takes_many = "errorPolicy" in cast("GraphQLInputObjectType", given).fields
        own[f"{named_type(mutation.type).name}.results"] = MOST_ROWS if takes_many else 1
        own[f"{named_type(mutation.type).name}.fired"] = MOST_TOLD
    return own


def _wants_graphql_json(request: Request) -> bool:
    return GRAPHQL_JSON in request.headers.get("accept", "")


def _masked(request_id: str) -> RequestError:
    return RequestError(
        ErrorCode.INTERNAL, "Something went wrong on our side. Tell us the request id.", requestId=request_id
    )


def _failed(errors: list[Any]) -> dict[str, Any]:
    return {"errors": [error.formatted for error in errors]}


def _plain(status: int, body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), status, SECURITY_HEADERS, JSON)


async def _live(_: Request) -> Response:
    return _plain(200, {"live": True})


async def _explorer(_: Request) -> Response:
    return FileResponse(STATIC / "graphiql.html", headers=EXPLORER_HEADERS)


def create_app(
    given: Settings, *, database: Database | None = None, clock: Clock = system_clock, new_id: IdMaker = ids.new_id
) -> Starlette:
    """The portal as an ASGI application.

    Args:
        given: its settings.
        database: to be used and left open; opened from the settings, and closed in the end, when not given.
        clock: tells the time.
        new_id: makes identifiers.
    """
    portal = Portal(given, database or open_database(given), clock, new_id)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        ticker = asyncio.create_task(
            tick_for_ever(portal.database, portal.clock, portal.new_id, every=given.tick_seconds)
        )
        exporter = asyncio.create_task(portal.exporter.run_for_ever(every=given.export_seconds))
        courier = asyncio.create_task(portal.courier.run_for_ever(every=given.courier_seconds))
        giving_back = asyncio.create_task(memory.give_back_for_ever())
        memory.settle()
        yield
        for task in (ticker, exporter, courier, giving_back):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if database is None:
            await portal.database.close()

    return Starlette(
        routes=[
            Route("/graphql", portal.answer, methods=["GET", "POST"]),
            Route("/exports/{token}", portal.file),
            Route("/files/{token}", portal.pages.file),
            Route("/verify/{number}", portal.pages.verification),
            Route("/", _explorer),
            Route("/livez", _live),
            Route("/readyz", portal.ready),
            Route("/metrics", portal.metrics.answer),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        lifespan=lifespan,
    )


def from_environment() -> Starlette:
    """The portal as the environment's settings have it: what each worker runs."""
    memory.share_stores()
    return create_app(settings())
