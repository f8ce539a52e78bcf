"""The documents about learning resources."""

from tests.operations.cases.shape import Case

CASES: dict[str, Case] = {
    "admin_console/resources": Case(("resources.nodes", "resources.totalCount")),
    "admin_console/create_resources": Case(
        ("createResources.results", "createResources.counts.changed"),
        lambda scene: {"input": {"resources": [{"title": "Plan", "url": "https://files.example.org/plan"}]}},
    ),
    "admin_console/update_resource": Case(
        ("updateResource.results", "updateResource.counts.changed"),
        lambda scene: {"input": {"id": scene.resource.gid, "title": "Anew"}},
    ),
    "admin_console/retire_resources": Case(
        ("retireResources.results", "retireResources.counts.changed"),
        lambda scene: {"input": {"ids": [scene.resource.gid]}},
    ),
    "admin_console/reinstate_resources": Case(
        ("reinstateResources.results", "reinstateResources.counts.changed"),
        lambda scene: {"input": {"ids": [scene.retired_resource.gid]}},
    ),
    "learner_app/my_resources": Case(("resources.nodes",)),
}
