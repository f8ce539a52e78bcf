"""The documents about the library of series."""

from tests.operations.cases.shape import Case

CASES: dict[str, Case] = {
    "admin_console/series_library": Case(("seriesLibrary.nodes", "seriesLibrary.totalCount")),
    "admin_console/create_series": Case(
        ("createSeries.results", "createSeries.counts.changed"),
        lambda scene: {
            "input": {"series": [{"title": "Fire", "type": "BURST", "duration": "FIXED", "durationDays": 3}]}
        },
    ),
    "admin_console/update_series": Case(
        ("updateSeries.results", "updateSeries.counts.changed"),
        lambda scene: {"input": {"id": scene.series.gid, "title": "Anew"}},
    ),
    "admin_console/retire_series": Case(
        ("retireSeries.results", "retireSeries.counts.changed"),
        lambda scene: {"input": {"ids": [scene.series.gid]}},
    ),
    "admin_console/reinstate_series": Case(
        ("reinstateSeries.results", "reinstateSeries.counts.changed"),
        lambda scene: {"input": {"ids": [scene.retired.gid]}},
    ),
}
