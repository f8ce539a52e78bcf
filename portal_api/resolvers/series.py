"""Mutations on series, and on the enrolments in them."""

from typing import Any

import strawberry

from portal_api.domain.inputs import LONGEST_REFERENCE, text_reasons
from portal_api.domain.series import SeriesTerms
from portal_api.permissions import (
    MayCreateSeries,
    MayEnrolInSeries,
    MayExtendSeriesEnrolments,
    MayReinstateSeries,
    MayRetireSeries,
    MayUpdateSeries,
    MayWithdrawSeriesEnrolments,
)
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, change, text_given
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import series as series_services
from portal_api.services.series import enrolling, library
from portal_api.services.series.enrolling import EnrolmentInput
from portal_api.services.series.library import SeriesInput
from portal_api.work import Answer, Work

CONTENT = (
    "external_ref",
    "title",
    "type",
    "duration",
    "duration_days",
    "ends_on",
    "question_count",
    "mastery_percent",
)


async def create_series(info: PortalInfo, given: Any) -> Completed:
    """Answers `createSeries`."""

    rows = [SeriesInput(text_given(row.external_ref), row.title, _terms(row)) for row in given.series]

    async def body(work: Work) -> Answer:
        return await library.create(work, rows)

    return await change(info, MayCreateSeries, given, Selected.of_rows("series", rows), body)


def _terms(row: Any) -> SeriesTerms:
    return SeriesTerms(
        row.type,
        row.duration,
        _or_none(row.duration_days),
        _or_none(row.ends_on),
        _or_none(row.question_count),
        _or_none(row.mastery_percent),
    )


def _or_none(value: Any) -> Any:
    return None if value is strawberry.UNSET else value


async def update_series(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateSeries`."""

    selected = Selected.of_one("ser", given)
    named = {name: getattr(given, name) for name in CONTENT if getattr(given, name) is not strawberry.UNSET}

    async def body(work: Work) -> Answer:
        return await library.update(work, selected.ids[0], named, expected=selected.expected)

    return await change(info, MayUpdateSeries, given, selected, body)


async def retire_series(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireSeries`."""

    selected = Selected.of_ids("ser", given)

    async def body(work: Work) -> Answer:
        return await library.retire(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetireSeries, given, selected, body)


async def reinstate_series(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstateSeries`."""

    selected = Selected.of_ids("ser", given)

    async def body(work: Work) -> Answer:
        return await library.reinstate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReinstateSeries, given, selected, body)


async def enrol_in_series(info: PortalInfo, given: Any) -> Completed:
    """Answers `enrolInSeries`."""

    selected = Selected.of_ids("lrn", given, "learner_ids")
    series_id = parse_id(given.series_id, "ser")
    enrolment = EnrolmentInput(given.starts_at or None, given.due_on or None, given.tracking_code or None)
    wrong = list(text_reasons(given.tracking_code, "trackingCode", longest=LONGEST_REFERENCE, least=1))

    async def body(work: Work) -> Answer:
        return await enrolling.enrol(work, series_id, selected.ids, enrolment, expected=selected.expected)

    return await change(info, MayEnrolInSeries, given, selected, body, refusals=wrong)


async def extend_series_enrolments(info: PortalInfo, given: Any) -> Completed:
    """Answers `extendSeriesEnrolments`."""

    selected = Selected.of_ids("sen", given)

    async def body(work: Work) -> Answer:
        return await enrolling.extend_enrolments(
            work,
            selected.ids,
            ends_at=given.ends_at,
            due_on=given.due_on or None,
            sets_due_on=given.due_on is not strawberry.UNSET,
            expected=selected.expected,
        )

    return await change(info, MayExtendSeriesEnrolments, given, selected, body)


async def withdraw_series_enrolments(info: PortalInfo, given: Any) -> Completed:
    """Answers `withdrawSeriesEnrolments`."""

    selected = Selected.of_ids("sen", given)

    async def body(work: Work) -> Answer:
        return await series_services.withdraw_enrolments(
            work, selected.ids, reason=given.reason, note=given.note or None, expected=selected.expected
        )

    return await change(info, MayWithdrawSeriesEnrolments, given, selected, body)
