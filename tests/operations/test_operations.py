"""The documents of the three frontends: each answers whoever sends it, and shows everybody else no more than they may see."""

import re
from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode
from starlette.applications import Starlette

from portal_api.domain.roles import ADMINISTRATORS, Role
from tests.client import codes, portal_of
from tests.operations.cases import CASES, READING
from tests.operations.documents import FOLDER, SENDERS, operation_of, text_of
from tests.operations.scene import Scene
from tests.operations.visible import visible_ids

GID = re.compile(r"[a-z]{3}_[0-9a-f]{32}")


def senders(name: str) -> tuple[Role, ...]:
    return CASES[name].senders or SENDERS[name.partition("/")[0]]


Sent = tuple[str, Role]
SENT_AS_MEANT: list[Sent] = [(name, role) for name in CASES for role in senders(name)]
SENT_BY_OTHERS: list[Sent] = [(name, role) for name in CASES for role in Role if role not in senders(name)]


def reading(sent: list[Sent]) -> list[Sent]:
    """Those whose documents change nothing."""
    return [(name, role) for name, role in sent if name in READING]


def changing(sent: list[Sent]) -> list[Sent]:
    """Those whose documents change something, where the role may."""
    return [(name, role) for name, role in sent if name not in READING]


def may_change(name: str, role: Role) -> bool:
    """Whether a document can change something for a role that another frontend serves."""
    return role in (*ADMINISTRATORS, *CASES[name].others_who_may)


def test_every_document_is_sent_here() -> None:
    documents = {file.relative_to(FOLDER).with_suffix("").as_posix() for file in FOLDER.rglob("*.graphql")}

    assert documents == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_document_has_one_operation_named_as_its_file(name: str) -> None:
    operation = operation_of(name)

    assert operation.name is not None
    assert re.sub(r"(?<!^)(?=[A-Z])", "_", operation.name.value).lower() == Path(name).name


async def answers_by_its_plans(scene: Scene, app: Starlette, name: str, role: Role) -> None:
    """Sends a document, and looks whether what must be in the answer is there, and where it came from."""
    case, text = CASES[name], text_of(name)

    data = await scene.sign_in(role).query(text, case.variables(scene))

    for path in case.filled:
        assert _at(data, path), f"nothing at {path}"
    planned = {response_key for _, response_key, _ in portal_of(app).documents.document(text).plans}
    fields = [node for node in operation_of(name).selection_set.selections if isinstance(node, FieldNode)]
    assert planned == {(field.alias or field.name).value for field in fields}


@pytest.mark.parametrize(("name", "role"), reading(SENT_AS_MEANT))
async def test_a_reading_document_answers_whoever_sends_it_by_its_plans(
    scene: Scene, app: Starlette, name: str, role: Role
) -> None:
    await answers_by_its_plans(scene, app, name, role)


@pytest.mark.parametrize(("name", "role"), changing(SENT_AS_MEANT))
async def test_a_changing_document_answers_whoever_sends_it_by_its_plans(
    own_scene: Scene, app: Starlette, name: str, role: Role
) -> None:
    await answers_by_its_plans(own_scene, app, name, role)


@pytest.mark.parametrize("role", [role for role in Role if role not in ADMINISTRATORS])
async def test_documents_show_others_no_more_than_they_may_see_and_change_nothing(own_scene: Scene, role: Role) -> None:
    others = [name for name, sender in SENT_BY_OTHERS if sender is role and role not in CASES[name].others_who_may]
    visible, before = await visible_ids(own_scene, role), await all_but_keys(own_scene)

    for name in others:
        variables = CASES[name].variables(own_scene)
        answer = await own_scene.sign_in(role).execute(text_of(name), variables)

        assert set(codes(answer)) <= {"FORBIDDEN", "APP_ACCESS_OFF"}, name
        given = set(GID.findall(str(variables)))  # what a caller names is named in the answer, seen or not
        assert set(GID.findall(str(answer.get("data")))) <= visible | given, name
        assert "for administrators" not in str(answer), name
    assert await all_but_keys(own_scene) == before


async def all_but_keys(scene: Scene) -> dict[str, Any]:
    """All that an organisation holds but for the answers to calls with a key: refusals are kept, too."""
    everything = await scene.organisation.everything()
    del everything["idempotency_keys"]
    return everything


MAY_CHANGE = [sent for sent in SENT_BY_OTHERS if may_change(*sent)]


async def shows_no_more(scene: Scene, name: str, role: Role) -> list[str]:
    """Sends a document, and gives the codes of what was refused."""
    answer = await scene.sign_in(role).execute(text_of(name), CASES[name].variables(scene))

    assert set(codes(answer)) <= {"FORBIDDEN", "APP_ACCESS_OFF"}
    assert set(GID.findall(str(answer.get("data")))) <= await visible_ids(scene, role)
    return codes(answer)


@pytest.mark.parametrize(("name", "role"), reading(MAY_CHANGE))
async def test_a_reading_document_of_another_frontend_shows_no_more_than_the_sender_may_see(
    scene: Scene, name: str, role: Role
) -> None:
    await shows_no_more(scene, name, role)


@pytest.mark.parametrize(("name", "role"), changing(MAY_CHANGE))
async def test_a_changing_document_of_another_frontend_shows_no_more_than_the_sender_may_see(
    own_scene: Scene, name: str, role: Role
) -> None:
    before = await own_scene.organisation.everything()

    if await shows_no_more(own_scene, name, role):
        assert await own_scene.organisation.everything() == before


async def test_the_pages_of_a_list_follow_one_another(own_scene: Scene) -> None:
    """`endCursor` and `after`, as the document has them, lead to every learner of a team of two pages, once."""
    for _ in range(60):
        own_scene.organisation.learner(reports_to=own_scene.organisation.own[Role.MANAGER])
    client, seen, after = own_scene.sign_in(Role.MANAGER), list[str](), None

    while True:
        data = await client.query(text_of("manager_dashboard/team"), {"after": after})
        seen += [node["id"] for node in data["learners"]["nodes"]]
        page = data["learners"]["pageInfo"]
        if not page["hasNextPage"]:
            break
        after = page["endCursor"]

    assert len(seen) == len(set(seen)) == 60 + len(own_scene.team) + 1


def _at(data: Any, path: str) -> Any:
    for step in path.split("."):
        data = data[step]
    return data
