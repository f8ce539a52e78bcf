"""The canary for the one private method of graphql-core that we override: run it before moving the pin."""

import inspect
import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import graphql
from graphql import build_schema, execute, parse
from graphql.execution.executor import Executor

from portal_api.domain.roles import Role
from portal_api.planner.execution import Completed, PlannedExecutor
from tests.conftest import SignIn

ROOT = Path(__file__).parents[2]
SCHEMA = build_schema("""
    type Query { planned: Thing! plannedLate: [Thing!]! ordinary: Thing }
    type Thing { name: String! number: Int! below: Thing }
""")


async def answer(document: str) -> dict[str, Any]:
    class Root:
        @staticmethod
        def planned(_info: Any) -> Completed:
            return Completed({"anything": ("is", 7, None), "at": {"all": object}})

        @staticmethod
        async def plannedLate(_info: Any) -> Completed:  # noqa: N802  the name of the field
            return Completed("not even a list")

        @staticmethod
        def ordinary(_info: Any) -> dict[str, Any]:
            return {"name": "ordinary", "number": "7", "below": {"name": "below", "number": 8}, "hidden": "never shown"}

    result: Any = execute(SCHEMA, parse(document), Root(), executor_class=PlannedExecutor)
    result = await result if inspect.isawaitable(result) else result
    assert result.errors is None, result.errors
    return result.data


async def test_a_completed_subtree_is_taken_as_it_is() -> None:
    data = await answer("{ planned { name } plannedLate { name } }")
    assert data == {"planned": {"anything": ("is", 7, None), "at": {"all": object}}, "plannedLate": "not even a list"}


async def test_whatever_is_not_completed_runs_beside_it_in_the_ordinary_way() -> None:
    data = await answer("""{
        first: planned { name }
        ordinary { name number below { name } }
        __schema { queryType { name } }
        __type(name: "Thing") { kind }
        __typename
        second: plannedLate { number }
    }""")
    assert data.pop("first")["anything"] == ("is", 7, None)
    assert data.pop("second") == "not even a list"
    assert data == {
        "ordinary": {"name": "ordinary", "number": 7, "below": {"name": "below"}},
        "__schema": {"queryType": {"name": "Query"}},
        "__type": {"kind": "OBJECT"},
        "__typename": "Query",
    }


def test_the_method_is_where_and_what_it_was() -> None:
    assert "complete_value" in vars(Executor)
    theirs = list(inspect.signature(Executor.complete_value).parameters)
    ours = list(inspect.signature(PlannedExecutor.complete_value).parameters)
    assert ours == theirs
    assert issubclass(PlannedExecutor, Executor)


def test_graphql_core_is_pinned_to_the_version_that_this_was_seen_with() -> None:
    pinned = [
        each
        for each in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
        if re.match(r"graphql-core\b", each)
    ]
    assert pinned == [f"graphql-core=={version('graphql-core')}"]
    assert graphql.version == version("graphql-core")


async def test_introspection_runs_beside_a_plan_in_the_portal(sign_in: SignIn) -> None:
    data = await sign_in(Role.ADMIN).query("""{
        __schema { mutationType { name } }
        viewer { role __typename }
        __typename
        learners(first: 1) { totalCount }
        __type(name: "Learner") { interfaces { name } }
    }""")
    assert data == {
        "__schema": {"mutationType": {"name": "Mutation"}},
        "viewer": {"role": "ADMIN", "__typename": "Viewer"},
        "__typename": "Query",
        "learners": {"totalCount": 2},
        "__type": {"interfaces": [{"name": "Node"}]},
    }
