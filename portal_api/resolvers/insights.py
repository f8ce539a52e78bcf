"""Insights: the filter of a report, for all that stands below it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal_api.domain.certifications import HORIZONS, horizon
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.planner.conditions import check_open
from portal_api.planner.execution import Completed
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.courses import lifecycle as lifecycle_queries
from portal_api.resolvers.planned import PortalInfo, asked_of, planned


@dataclass(frozen=True, slots=True)
class InsightsValue:
    """A report over the records that pass a filter."""

    filter: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CertificationInsightsValue:
    """A report over learners' certifications that pass a filter, and until when something expires soon."""

    filter: Mapping[str, Any]
    horizons: Mapping[int, datetime]


@dataclass(frozen=True, slots=True)
class LifecycleColumnValue:
    """A stage of the lifecycle, over the enrolments that pass a filter."""

    filter: Mapping[str, Any]
    stage: LifecycleStage


@dataclass(frozen=True, slots=True)
class LifecycleBoardValue:
    """The stages that an organisation has."""

    stages: list[LifecycleColumnValue]


def _filter_of(info: PortalInfo, type_: str) -> Mapping[str, Any]:
    """The filter of a report on records of a type.

    Raises:
        RequestError: `FORBIDDEN`, where the role may not read what it filters by.
    """
    context = info.context
    given: Mapping[str, Any] = asked_of(info).get("filter") or {}
    source, run = context.planner.catalogue.sources[type_], context.run(info.variable_values)
    for name, value in given.items():
        if value is not None:
            check_open(source, name, run)
    return given


async def series_insights(info: PortalInfo) -> Completed:
    """Answers `seriesInsights`."""
    return await planned(info, InsightsValue(_filter_of(info, "SeriesEnrolment")))


async def certification_insights(info: PortalInfo) -> Completed:
    """Answers `certificationInsights`."""
    context, given = info.context, _filter_of(info, "LearnerCertification")
    asked = context.planner.dialect, context.known_viewer.organisation_id
    zone = await context.read(lambda: organisation_queries.time_zone_read(*asked))
    horizons = {days: horizon(context.now, days, zone) for days in HORIZONS}
    return await planned(info, CertificationInsightsValue(given, horizons))


async def approval_insights(info: PortalInfo) -> Completed:
    """Answers `approvalInsights`."""
    return await planned(info, InsightsValue(_filter_of(info, "Approval")))


async def lifecycle_board(info: PortalInfo) -> Completed:
    """Answers `lifecycleBoard`."""
    context, given = info.context, _filter_of(info, "CourseEnrolment")
    asked = context.planner.dialect, context.known_viewer.organisation_id
    stages = await context.read(lambda: lifecycle_queries.stages_read(*asked))
    return await planned(info, LifecycleBoardValue([LifecycleColumnValue(given, stage) for stage in stages]))
