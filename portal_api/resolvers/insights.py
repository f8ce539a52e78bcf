"""Insights: the filter of a report, for all that stands below it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal_api.planner.conditions import check_open
from portal_api.planner.execution import Completed
from portal_api.resolvers.planned import PortalInfo, asked_of, planned


@dataclass(frozen=True, slots=True)
class InsightsValue:
    """A report over the records that pass a filter."""

    filter: Mapping[str, Any]


async def series_insights(info: PortalInfo) -> Completed:
    """Answers `seriesInsights`.

    Raises:
        RequestError: `FORBIDDEN`, where the role may not read what it filters by.
    """
    context = info.context
    given: Mapping[str, Any] = asked_of(info).get("filter") or {}
    source, run = context.planner.catalogue.sources["SeriesEnrolment"], context.run(info.variable_values)
    for name, value in given.items():
        if value is not None:
            check_open(source, name, run)
    return await planned(info, InsightsValue(given))
