"""No mutation is left out of what is asked of every mutation."""

from portal_api.schema import executable_schema
from tests.api.cases import CALL_CASES, CASES


def _mutations() -> set[str]:
    mutation = executable_schema().mutation_type
    assert mutation is not None
    return set(mutation.fields)


def test_every_mutation_of_the_schema_has_exactly_one_case() -> None:
    named = [case.mutation for case in (*CASES, *CALL_CASES)]

    assert sorted(named) == sorted(_mutations())


def test_every_case_calls_its_mutation_by_its_own_input_type() -> None:
    schema = executable_schema()
    mutation = schema.mutation_type
    assert mutation is not None
    for case in (*CASES, *CALL_CASES):
        assert f"$input: {mutation.fields[case.mutation].args['input'].type}" in case.document
