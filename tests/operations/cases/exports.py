"""The documents about exports."""

from portal_api.domain.roles import Role
from tests.operations.cases.shape import Case

CASES: dict[str, Case] = {
    "admin_console/request_export": Case(
        ("requestExport.results", "requestExport.counts.changed"),
        lambda scene: {
            "input": {
                "seriesEnrolments": {"filter": {"status": {"notIn": ["WITHDRAWN"]}}, "orderBy": [{"field": "ENDS_AT"}]},
                "idempotencyKey": "from the console",
            }
        },
        others_who_may=(Role.MANAGER,),
    ),
    "admin_console/exports": Case(("exports.nodes", "exports.totalCount")),
    "admin_console/export": Case(("export.status", "export.requestedBy.name"), lambda scene: {"id": scene.export.gid}),
}
