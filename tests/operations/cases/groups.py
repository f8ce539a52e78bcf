"""The documents about groups."""

from tests.operations.cases.shape import Case, owners

TESTS = [{"attribute": "region", "values": ["North"]}]
CASES: dict[str, Case] = {
    "admin_console/groups": Case(("groups.nodes", "groups.totalCount")),
    "admin_console/group": Case(
        ("group.conditions", "group.learners.nodes", "group.learners.totalCount"),
        lambda scene: {"id": scene.group.gid},
    ),
    "admin_console/create_group": owners("createGroup", lambda scene: {"name": "Up", "conditions": TESTS}),
    "admin_console/update_group": owners("updateGroup", lambda scene: {"id": scene.group.gid, "conditions": TESTS}),
    "admin_console/retire_groups": owners("retireGroups", lambda scene: {"ids": [scene.group.gid]}),
    "admin_console/reinstate_groups": owners("reinstateGroups", lambda scene: {"ids": [scene.past.gid]}),
}
