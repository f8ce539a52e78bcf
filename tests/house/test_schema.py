"""The schema as a whole: everything is described, every mutation is guarded and says whom it lets pass."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_specified_scalar_type,
)

from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.learners import DeactivationReason, LearnerAction, LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.organisations import (
    GroupAction,
    IntegrationTokenAction,
    IntegrationTokenStatus,
    OrganisationAction,
    UserAction,
)
from portal_api.domain.outcomes import ErrorPolicy, Outcome
from portal_api.domain.refusals import ErrorCode, in_words
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    SeriesDuration,
    SeriesEnrolmentAction,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
)
from portal_api.domain.tables import TABLES, printed_tables
from portal_api.permissions import Guard
from portal_api.schema import executable_schema, printed_schema
from portal_api.schema.mutation import Mutation

ROOT = Path(__file__).parents[2]
SCHEMA = executable_schema()
TYPES = {
    name: type_
    for name, type_ in SCHEMA.type_map.items()
    if not name.startswith("__") and not is_specified_scalar_type(type_)
}
MUTATIONS: dict[str, Any] = {
    field.graphql_name or re.sub(r"_([a-z])", lambda found: found[1].upper(), field.python_name): field
    for field in cast("Any", Mutation).__strawberry_definition__.fields
}
FIELDS = SCHEMA.mutation_type.fields if SCHEMA.mutation_type else {}


def elements() -> Iterator[tuple[str, str | None]]:
    """Everything that a client can name, with its description."""
    for name, type_ in TYPES.items():
        yield name, type_.description
        match type_:
            case GraphQLObjectType() | GraphQLInterfaceType():
                for field_name, field in type_.fields.items():
                    yield f"{name}.{field_name}", field.description
                    for argument_name, argument in field.args.items():
                        yield f"{name}.{field_name}({argument_name}:)", argument.description
            case GraphQLInputObjectType():
                for field_name, input_field in type_.fields.items():
                    yield f"{name}.{field_name}", input_field.description
            case GraphQLEnumType():
                for value_name, value in type_.values.items():
                    yield f"{name}.{value_name}", value.description
            case _:
                pass


def test_every_element_has_a_description_that_is_a_sentence() -> None:
    described = dict(elements())
    assert len(described) > 250
    wanting = [
        name
        for name, description in described.items()
        if not description or not description.endswith((".", "!", "?")) or description[0].islower()
    ]
    assert wanting == []


def test_names_are_spelled_as_graphql_spells_them() -> None:
    for name, _ in elements():
        kind, _, field = name.partition(".")
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", kind), name
        if field and isinstance(TYPES[kind], GraphQLEnumType):
            assert re.fullmatch(r"[A-Z][A-Z0-9_]*", field), name
        elif field:
            assert re.fullmatch(r"[a-z][A-Za-z0-9]*(\([a-z][A-Za-z0-9]*:\))?", field), name


def test_the_schema_speaks_the_words_of_the_portal() -> None:
    foreign = r"enrollment|student(?!.?identifier)|organization|cancell?ation of|finalize|behavior|color|license\b|deactivations?\(s\)"
    assert re.findall(foreign, printed_schema(), re.IGNORECASE) == []


@pytest.mark.parametrize(
    ("enum", "name"),
    [
        *(
            (enum, enum.__name__)
            for enum in (
                ActorKind,
                DeactivationReason,
                ErrorCode,
                ErrorPolicy,
                GroupAction,
                HistoryAction,
                IntegrationTokenAction,
                IntegrationTokenStatus,
                LearnerAction,
                LearnerStatus,
                LibraryStatus,
                OrganisationAction,
                Outcome,
                Role,
                SeriesDuration,
                SeriesEnrolmentAction,
                SeriesEnrolmentStatus,
                SeriesType,
                SubjectKind,
                UserAction,
                WithdrawalReason,
            )
        ),
    ],
)
def test_an_enum_of_the_domain_is_lower_case_inside_and_upper_case_outside(enum: type[StrEnum], name: str) -> None:
    type_ = TYPES[name]
    assert isinstance(type_, GraphQLEnumType)
    assert list(type_.values) == [member.name for member in enum] == [member.value.upper() for member in enum]


def test_every_enum_of_the_schema_is_upper_case() -> None:
    for name, type_ in TYPES.items():
        if isinstance(type_, GraphQLEnumType):
            assert all(value == value.upper() for value in type_.values), name


def test_every_error_code_is_documented_once_in_its_own_words() -> None:
    type_ = TYPES["ErrorCode"]
    assert isinstance(type_, GraphQLEnumType)
    described = {name: value.description for name, value in type_.values.items()}
    assert set(described) == {code.name for code in ErrorCode}
    assert all(described.values())
    assert len(set(described.values())) == len(described)


def test_there_is_a_state_machine_for_every_table() -> None:
    type_ = TYPES["StateMachineKind"]
    assert isinstance(type_, GraphQLEnumType)
    assert list(type_.values) == [table.kind.upper() for table in TABLES]


def test_every_mutation_is_looked_at_here() -> None:
    assert set(MUTATIONS) == set(FIELDS)
    assert {"withdrawSeriesEnrolments", "deactivateLearners", "reactivateLearners"} <= set(FIELDS)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_has_the_one_guard_that_is_named_after_it(name: str) -> None:
    [guard] = MUTATIONS[name].permission_classes
    assert issubclass(guard, Guard)
    assert guard.__name__ == f"May{name[0].upper()}{name[1:]}"


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_description_of_a_mutation_ends_with_the_roles_that_its_guard_lets_pass(name: str) -> None:
    [guard] = MUTATIONS[name].permission_classes
    description = FIELDS[name].description or ""
    assert description.endswith(f". Requires {in_words(guard.rule.roles)}.")


@pytest.mark.parametrize("name", FIELDS)
def test_a_mutation_takes_one_input_and_gives_one_payload_named_after_it(name: str) -> None:
    field, title = FIELDS[name], f"{name[0].upper()}{name[1:]}"
    assert list(field.args) == ["input"]
    assert str(field.args["input"].type) == f"{title}Input!"
    assert str(field.type) == f"{title}Payload"


@pytest.mark.parametrize("name", FIELDS)
def test_every_mutation_can_be_previewed_and_repeated_and_answers_row_by_row(name: str) -> None:
    given: Any = SCHEMA.type_map[f"{name[0].upper()}{name[1:]}Input"]
    payload: Any = SCHEMA.type_map[f"{name[0].upper()}{name[1:]}Payload"]
    asked = {field: str(each.type) for field, each in given.fields.items()}
    assert asked.items() >= {"preview": "Boolean!", "idempotencyKey": "String"}.items()
    if "ids" in asked:
        shape = {"ids": "[ID!]!", "expectedVersions": "[ExpectedVersion!]", "errorPolicy": "ErrorPolicy!"}
    elif "id" in asked:
        shape = {"id": "ID!", "expectedVersion": "Int"}
    else:  # records of its own: many in a list, or one
        shape = {"errorPolicy": "ErrorPolicy!"} if "errorPolicy" in asked else {}
    assert asked.items() >= shape.items()
    assert {"results", "counts", "errors", "isPreview"} <= set(payload.fields)
    result: Any = SCHEMA.type_map[str(payload.fields["results"].type).strip("[]!")]
    assert set(result.fields) == {"index", "id", "outcome", "node", "errors"}


def test_the_printed_schema_is_that_of_the_code() -> None:
    assert (ROOT / "schema.graphql").read_text() == printed_schema(), "run `make schema`"


def test_the_printed_tables_are_those_of_the_code() -> None:
    assert (ROOT / "docs" / "tables.md").read_text() == printed_tables(), "run `make tables`"
