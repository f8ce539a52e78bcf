"""The generator reaches the whole schema, keeps within its limits, and repeats itself from a seed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import cycle
from random import Random
from typing import Any

import pytest
from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    validate,
    visit,
)

from portal_api.planner.cost import Limits, check_cost
from tests.oracle.generator import FAULTS, LIST_SIZES, Material, Query, query
from tests.oracle.reference import reference

REFERENCE = reference()
SCHEMA = REFERENCE.schema
LIMITS = Limits(nodes=20_000, depth=12, roots=100, list_sizes=LIST_SIZES, page_sizes=REFERENCE.page_sizes)
ORDERS = {
    "User": "NAME,ID",
    "IntegrationToken": "-EXPIRES_AT,-ID",
    "Group": "ID",
    "Learner": "-FAMILY_NAME,-ID",
    "OpenRecord": "ID",
    "Series": "ID",
    "SeriesEnrolment": "ENDS_AT,ID",
    "Pathway": "TITLE,ID",
    "PathwayStep": "POSITION,ID",
    "PathwayEnrolment": "-WITHDRAWN_AT,-ID",
    "LearnerCertification": "-EXPIRES_AT,-ID",
    "CertificationCycle": "NUMBER,ID",
    "StepProgress": "POSITION,ID",
    "ExamAttempt": "ID",
    "AssignmentSource": "ID",
    "Approval": "REQUESTED_AT,ID",
    "Certificate": "ID",
    "Resource": "TITLE,ID",
    "Certification": "-TITLE,-ID",
    "CertificationVersion": "NUMBER,ID",
    "CertificationStep": "POSITION,ID",
    "Course": "TITLE,ID",
    "Unit": "TITLE,ID",
    "CourseOffer": "-STARTS_ON,-ID",
    "StatusReason": "TITLE,ID",
    "CourseEnrolment": "LATEST_END_ON,ID",
    "UnitEnrolment": "-ENDS_ON,-ID",
    "Survey": "ID",
    "Credential": "-ISSUED_AT,-ID",
    "Document": "TITLE,ID",
    "LearnerWithInactiveEnrolments": "FAMILY_NAME,ID",
    "Learncycle": "NAME,ID",
    "LearncycleRun": "-AT,-ID",
    "Task": "DUE_ON,ID",
    "Notification": "-SENT_AT,-ID",
    "WebhookEndpoint": "NAME,ID",
    "WebhookDelivery": "-CREATED_AT,-ID",
    "Export": "-CREATED_AT,-ID",
    "HistoryEntry": "-OCCURRED_AT,-ID",
}
TEXTS = (
    *("externalRef", "trackingCode", "identifier", "programIdentifier", "studentIdentifier", "commitmentId"),
    "registerNumber",
)
"""The fields that are compared as texts."""
NOUNS = [noun for noun in REFERENCE.nouns.values() if noun.prefix]
MATERIAL = Material(
    ids={noun.type: [f"{noun.prefix}_{number:032x}" for number in range(5)] for noun in NOUNS},
    strange_ids=[f"lrn_{9:032x}"],
    managers=[f"lrn_{1:032x}"],
    texts={(noun.type, name): ["A-1", "A-2", "A-3"] for noun in REFERENCE.nouns.values() for name in TEXTS},
    attributes=[("team", "Blue"), ("site", "Ōtaki")],
    days=[date(2026, 3, 1)],
    instants=[datetime(2026, 3, 2, tzinfo=UTC)],
    words=[["zoe", "angstrom"]],
    open_fields={},
    cursors={type_: {order: ["a cursor"]} for type_, order in ORDERS.items()},
    prefixes={noun.type: noun.prefix for noun in NOUNS},
    keys=REFERENCE.keys,
    page_sizes=REFERENCE.page_sizes,
)


@cache
def queries(number: int, *, seed: int = 0, fault: str | None = None) -> list[Query]:
    random = Random(seed)
    return [query(SCHEMA, random, MATERIAL, fault) for _ in range(number)]


def test_the_same_seed_makes_the_same_queries() -> None:
    assert queries(20, seed=3) == queries.__wrapped__(20, seed=3)
    assert queries(20, seed=3) != queries(20, seed=4)


@pytest.mark.parametrize("fault", [None, *(fault for fault in FAULTS if fault != "closed")])
def test_every_query_is_a_valid_document_within_the_limits(fault: str | None) -> None:
    for each in queries(60 if fault else 300, fault=fault):
        document = parse(each.document)
        assert not validate(SCHEMA, document), each.document
        check_cost(document, SCHEMA, LIMITS)


def test_queries_ask_for_every_field_argument_and_condition_that_there_is() -> None:
    asked, missing = _Asked(), set(_askable())
    for seed, root in zip(range(150), cycle(SCHEMA.query_type.fields)):
        random, material = Random(seed), replace(MATERIAL, wanted_roots=frozenset({root}))
        for _ in range(150):
            visit(parse(query(SCHEMA, random, material).document), TypeInfoVisitor(asked.types, asked))
        missing -= asked.found
        if not missing:
            break

    assert missing == set()


@pytest.mark.parametrize(
    "piece",
    [
        "fragment F0 on ",
        "...F0 @",
        "... on Node {",
        "... {",
        "@skip(if: true)",
        "@skip(if: $",
        "@include(if: false)",
        "@include(if: $",
        ": Boolean!",
        ": Boolean = ",
        ": DateTime = ",
        "Filter = {",
        ": [SeriesEnrolmentOrder!]",
        ": Int",
        " __typename",
        "typeName: __typename",
        "statusOfLearner: status",
        "first: $",
        "last: ",
        "after: $",
        "before: ",
        "filter: null",
        "in: [$",
        "notIn: []",
        "depth: null",
        "+13:00",
    ],
)
def test_queries_have_every_piece_that_a_plan_must_understand(piece: str) -> None:
    assert any(piece in each.document for each in queries(5_000))


class _Asked(Visitor):
    """Gathers the fields that documents ask for, their arguments, and the input fields given in them."""

    def __init__(self) -> None:
        super().__init__()
        self.types = TypeInfo(SCHEMA)
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.found.add(f"{self.types.get_parent_type()}.{node.name.value}")

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        if self.types.get_directive() is None:
            self.found.add(f"{self.types.get_parent_type()}.{self._field}({node.name.value})")

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        self.found.add(f"{get_named_type(self.types.get_parent_input_type())}.{node.name.value}")

    @property
    def _field(self) -> str:
        definition = self.types.get_field_def()
        assert definition
        assert definition.ast_node
        return definition.ast_node.name.value


def _askable() -> Iterator[str]:
    """Everything that `Query` leads to, by the same names."""
    known, left = set[str](), [SCHEMA.query_type]
    while left:
        own: Any = left.pop()
        if own.name in known:
            continue
        known.add(own.name)
        match own:
            case GraphQLObjectType(fields=fields):
                for name, definition in fields.items():
                    yield f"{own.name}.{name}"
                    yield from (f"{own.name}.{name}({argument})" for argument in definition.args)
                    left += map(get_named_type, [definition.type, *(each.type for each in definition.args.values())])
            case GraphQLInputObjectType(fields=fields):
                yield from (f"{own.name}.{name}" for name in fields)
                left += [get_named_type(each.type) for each in fields.values()]
            case GraphQLInterfaceType():
                left += SCHEMA.get_possible_types(own)
            case _:
                pass
