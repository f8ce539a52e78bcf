"""Who decides on what over HTTP: four kinds at five statuses, for every role, on others' learning and on one's own."""

import pytest

from portal_api.domain.certifications import ApprovalAction, ApprovalKind, ApprovalStatus
from portal_api.domain.roles import Role
from tests.api.calls import answer
from tests.api.cases import outcomes, row_codes
from tests.api.deciding import about, asked
from tests.client import Client, codes
from tests.conftest import SignIn
from tests.factories import Organisation, Record

K, P = ApprovalKind, ApprovalStatus
DECIDERS = """
                 OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACCESS         Y      Y      -        -        -        -
  EVIDENCE       Y      Y      Y        -        -        -
  EXAM           Y      Y      Y        -        -        -
  MORE_ATTEMPTS  Y      Y      -        -        -        -
"""
OPEN_AT = {P.PENDING: True, P.APPROVED: False, P.DENIED: False, P.OVERRIDDEN: False, P.CLOSED: False}
HEAD, *ROWS = [line.split() for line in DECIDERS.strip().splitlines()]
GRID = {(K[kind], Role[role]): cell == "Y" for kind, *cells in ROWS for role, cell in zip(HEAD, cells, strict=True)}
NEVER = [role for role in Role if not any(GRID[kind, role] for kind in K)]
EACH = [(kind, status) for kind in K for status in P]


def test_the_grid_knows_every_kind_role_and_status() -> None:
    assert set(GRID) == {(kind, role) for kind in K for role in Role}
    assert list(OPEN_AT) == list(P)


async def _shown(client: Client, laid_out: list[Record], action: ApprovalAction) -> list[list[str]]:
    """The reasons against a decision, as `actions` shows them of each approval."""
    document = "query($id: ID!) { approval(id: $id) { actions { action available reasons { code } } } }"
    found: list[list[str]] = []
    for record in laid_out:
        actions = (await client.query(document, {"id": record.gid}))["approval"]["actions"]
        [state] = [each for each in actions if each["action"] == action.name]
        assert state["available"] is not bool(state["reasons"])
        found.append([why["code"] for why in state["reasons"]])
    return found


def _expected(kind: ApprovalKind, role: Role, status: ApprovalStatus, *, is_own: bool, is_active: bool) -> list[str]:
    return [
        *([] if GRID[kind, role] else ["FORBIDDEN"]),
        *([] if is_active else ["LEARNER_INACTIVE"]),
        *([] if OPEN_AT[status] else ["ALREADY_DECIDED"]),
        *(["OWN_APPROVAL"] if is_own else []),
    ]


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name)
@pytest.mark.parametrize("whose", ["others", "own", "inactive"])
@pytest.mark.parametrize("action", list(ApprovalAction), ids=lambda action: action.name)
async def test_what_is_shown_is_what_is_allowed_is_what_the_grid_says(
    organisation: Organisation, sign_in: SignIn, action: ApprovalAction, whose: str, role: Role
) -> None:
    is_own, is_active = whose == "own", whose != "inactive"
    own = organisation.own.get(role) or organisation.learner()
    client = sign_in(organisation.user(role, own) if is_own and role not in organisation.own else role)
    manager = organisation.own[Role.MANAGER]
    laid_out = [
        asked(
            organisation,
            own if is_own else organisation.learner(reports_to=manager, is_active=is_active),
            kind,
            status,
        )
        for kind, status in EACH
    ]
    await organisation.save()
    before = await organisation.everything()
    given = {"ids": [each.gid for each in laid_out], "decision": action.name, "comment": "So be it."}
    if role in NEVER:
        assert codes(await answer(client, "decideApprovals", **given)) == ["FORBIDDEN"]
        assert await organisation.everything() == before
        return

    shown = await _shown(client, laid_out, action)
    payload = (await answer(client, "decideApprovals", "id status", **given))["data"]["decideApprovals"]

    expected = [_expected(kind, role, status, is_own=is_own, is_active=is_active) for kind, status in EACH]
    assert shown == row_codes(payload) == expected
    assert [outcome == "CHANGED" for outcome in outcomes(payload)] == [reasons == [] for reasons in expected]
    after = await organisation.everything()
    for reasons, record in zip(expected, laid_out, strict=True):
        assert (about(after, record.id) == about(before, record.id)) is bool(reasons)


async def test_a_manager_decides_on_nobody_who_does_not_report_to_them(
    organisation: Organisation, sign_in: SignIn
) -> None:
    laid_out = [asked(organisation, organisation.learner(), kind) for kind in K]
    await organisation.save()
    before = await organisation.everything()
    ids = [each.gid for each in laid_out]

    payload = await answer(sign_in(Role.MANAGER), "decideApprovals", ids=ids, decision="APPROVE")

    assert row_codes(payload["data"]["decideApprovals"]) == [["NOT_FOUND"]] * len(K)
    assert await organisation.everything() == before
