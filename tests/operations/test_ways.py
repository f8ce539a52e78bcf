"""Every reading document is answered by its plans alone, to the byte as an executor would answer it by the same plans."""

import pytest
from starlette.applications import Starlette

from portal_api.domain.roles import Role
from tests.client import portal_of
from tests.conftest import SignIn
from tests.operations.cases import CASES, READING
from tests.operations.documents import SENDERS, text_of
from tests.operations.scene import Scene

MADE_BY_RESOLVERS = {
    *("admin_console/approval_insights", "admin_console/certification_insights", "admin_console/learner_usage"),
    *("admin_console/learners_with_inactive_enrolments", "admin_console/lifecycle_board"),
    *("admin_console/series_insights", "admin_console/simulate_learncycle", "admin_console/state_machine"),
    *("admin_console/certification_learners_tab", "admin_console/verify_credential"),
    *("manager_dashboard/certification_insights", "manager_dashboard/series_insights"),
}
"""The documents whose root is a value that a resolver makes, or that some roles are refused."""


def sender_of(name: str) -> Role:
    """Whoever sends a document first of all."""
    return (CASES[name].senders or SENDERS[name.partition("/")[0]])[0]


@pytest.mark.parametrize("name", READING)
async def test_a_document_is_answered_alike_both_ways(
    scene: Scene, executing: SignIn, app: Starlette, name: str
) -> None:
    text, variables, role = text_of(name), CASES[name].variables(scene), sender_of(name)
    ways = portal_of(app).planner.ways
    before, faults = ways["plans"], ways["an error"]

    answer = await scene.sign_in(role).post(text, variables)

    assert ways["plans"] - before == (name not in MADE_BY_RESOLVERS)
    assert answer.content == (await executing(role).post(text, variables)).content
    assert b'"errors"' not in answer.content
    assert ways["an error"] == faults


async def test_it_is_told_why_an_operation_was_executed(own_scene: Scene, app: Starlette) -> None:
    ways, client = portal_of(app).planner.ways, own_scene.sign_in(Role.ADMIN)
    learner = own_scene.learner.gid

    async def way(document: str, **variables: object) -> str:
        before = ways.copy()
        await client.execute(document, variables)
        [changed] = ways - before
        return changed

    asked = "query($id: ID!) { learner(id: $id) { id } }"
    assert await way(asked, id=learner) == "plans"
    assert await way(asked, id=[1]) == "variables do not fit"
    assert await way(asked, id="nobody") == "a refusal"
    assert await way("{ viewer { role } }") == "plans"
    assert await way("{ seriesInsights { totalCount } }") == "a value made by a resolver"
    assert await way(text_of("admin_console/retire_units"), input={"ids": [own_scene.training.unit.gid]}) == "change"


async def test_what_plans_refuse_is_told_as_an_executor_tells_it(scene: Scene, executing: SignIn) -> None:
    """Two roots, one of which is refused: the other is answered all the same."""
    asked = "{ one: learners(first: 0) { totalCount } other: learners(first: 1) { totalCount } }"

    answers = [await way(Role.ADMIN).execute(asked) for way in (scene.sign_in, executing)]

    assert answers[0] == answers[1]
    assert answers[0]["data"]["one"] is None
    assert answers[0]["data"]["other"]["totalCount"] > 0
