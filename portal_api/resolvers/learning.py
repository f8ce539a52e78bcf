"""Mutations that record what learners do."""

from typing import Any
from uuid import UUID

from portal_api.domain.inputs import invalid
from portal_api.permissions import MayRecordSeriesActivity, MayRecordSignIns
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Selected, change
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import learning as learning_services
from portal_api.services.learning import Activity
from portal_api.work import Answer, Work


async def record_sign_ins(info: PortalInfo, given: Any) -> Completed:
    """Answers `recordSignIns`."""

    selected = Selected.of_ids("lrn", given)

    async def body(work: Work) -> Answer:
        return await learning_services.record_sign_ins(work, selected.ids, expected=selected.expected)

    return await change(info, MayRecordSignIns, given, selected, body)


async def record_series_activity(info: PortalInfo, given: Any) -> Completed:
    """Answers `recordSeriesActivity`."""

    selected = Selected.of_named("sen", given, "activities", "enrolment_id")
    activities: dict[UUID, Activity] = {}
    wrong: list[Any] = []
    for index, (id_, row) in enumerate(zip(selected.ids, given.activities, strict=True)):
        activity = Activity(row.questions_answered, row.questions_correct)
        if activities.setdefault(id_, activity) != activity:
            message = "This enrolment is named twice, with different totals. Name it once."
            wrong.append(invalid(message, "activities", str(index), "enrolmentId"))

    async def body(work: Work) -> Answer:
        return await learning_services.record_activity(work, selected.ids, activities, expected=selected.expected)

    return await change(info, MayRecordSeriesActivity, given, selected, body, refusals=wrong)
