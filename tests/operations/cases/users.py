"""The documents about users, and the tokens of machine clients."""

from portal_api.domain.roles import Role
from tests.operations.cases.shape import Case, owners, staff

SOON = "2026-05-01T00:00:00Z"
CASES: dict[str, Case] = {
    "admin_console/users": Case(
        ("users.nodes", "users.totalCount"),
        lambda scene: {"filter": {"hasRole": {"eq": True}, "search": "ADM example"}, "orderBy": [{"field": "NAME"}]},
    ),
    "admin_console/user": Case(
        ("user.actions", "user.tokens.nodes"), lambda scene: {"id": staff(scene, Role.INTEGRATION)}
    ),
    "admin_console/create_users": owners(
        "createUsers", lambda scene: {"users": [{"name": "Ana", "email": "ana@example.org", "role": "ADMIN"}]}
    ),
    "admin_console/create_integrations": owners(
        "createIntegrations", lambda scene: {"integrations": [{"name": "Player"}]}
    ),
    "admin_console/assign_role": owners(
        "assignRole", lambda scene: {"id": staff(scene, Role.TRAINER), "role": "ADMIN"}
    ),
    "admin_console/remove_role": owners("removeRole", lambda scene: {"id": staff(scene, Role.TRAINER)}),
    "admin_console/link_learner": owners(
        "linkLearner", lambda scene: {"id": staff(scene, Role.TRAINER), "learnerId": scene.team[1].gid}
    ),
    "admin_console/integration_tokens": Case(("integrationTokens.nodes", "integrationTokens.totalCount")),
    "admin_console/issue_integration_token": owners(
        "issueIntegrationToken",
        lambda scene: {"id": staff(scene, Role.INTEGRATION), "name": "Player", "expiresAt": SOON},
    ),
    "admin_console/revoke_integration_tokens": owners(
        "revokeIntegrationTokens", lambda scene: {"ids": [scene.token.gid]}
    ),
}
