"""Mutations on learners, and their usage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

from strawberry import UNSET

from portal_api.domain.learner_details import (
    ATTRIBUTES,
    MANAGER,
    SPECIAL_REQUIREMENTS,
    Attribute,
    Details,
    SpecialRequirements,
    special_requirements_reasons,
)
from portal_api.domain.metering import EARLIEST, LATEST, Month, is_month
from portal_api.domain.outcomes import Counts
from portal_api.domain.refusals import ErrorCode, Reason
from portal_api.permissions import (
    MayCreateLearners,
    MayDeactivateLearners,
    MayReactivateLearners,
    MaySetLearnerAppAccess,
    MayUpdateLearner,
)
from portal_api.planner.errors import RequestError
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.planner.names import camel
from portal_api.queries import organisations as organisation_queries
from portal_api.resolvers.changes import Payload, Result, Selected, change
from portal_api.resolvers.planned import PortalInfo, planned
from portal_api.services import learner_details as detail_services
from portal_api.services import learners as learner_services
from portal_api.services.learner_details import NewLearner
from portal_api.services.withdrawals import Withdrawn
from portal_api.work import Answer, Work

_DETAILS = (
    "external_ref",
    "given_name",
    "family_name",
    "email",
    "manager_id",
    "student_identifier",
    "attributes",
    "special_requirements",
)


@dataclass(frozen=True, slots=True)
class BillingChangeValue:
    """How many learners are counted for a month before and after a change."""

    month: str
    learners_before: int
    learners_after: int

    @property
    def change(self) -> int:
        return self.learners_after - self.learners_before


@dataclass(frozen=True, slots=True)
class BilledPayload(Payload):
    """The answer to a change that the bills show."""

    billing: Sequence[BillingChangeValue] = ()

    @classmethod
    def of(
        cls,
        results: Sequence[Result],
        counts: Counts,
        errors: Sequence[Reason],
        told: Mapping[str, Any],
        **common: Any,
    ) -> Self:
        return cls(results, counts, errors, **common, billing=billing(told))


def billing(told: Mapping[str, Any]) -> list[BillingChangeValue]:
    """What the facts of an answer tell of bills."""
    return [BillingChangeValue(*each) for each in told.get("billing", ())]


@dataclass(frozen=True, slots=True)
class LearnerUsageValue:
    """A month's usage, as far as it is no list."""

    month: str
    from_: datetime
    until: datetime
    is_running: bool


def _details(given: Any, *, whole: bool) -> Details:
    """The details in an input: those that are given or, of a new learner, all that are not null.

    Raises:
        RequestError: `ID_INVALID`.
    """
    read: dict[str, Any] = {}
    for name in _DETAILS:
        value = getattr(given, name)
        if value is not UNSET and not (whole and value is None):
            read[camel(name)] = value
    if read.get(MANAGER) is not None:
        read[MANAGER] = parse_id(read[MANAGER], "lrn")
    if ATTRIBUTES in read:
        read[ATTRIBUTES] = [Attribute(each.name, each.value) for each in read[ATTRIBUTES] or ()]
    if SPECIAL_REQUIREMENTS in read:
        read[SPECIAL_REQUIREMENTS] = _requirements(read[SPECIAL_REQUIREMENTS])
    return Details(read)


def _requirements(given: Any) -> SpecialRequirements | None:
    return SpecialRequirements(given.text, given.is_private) if given else None


async def create_learners(info: PortalInfo, given: Any) -> Completed:
    """Answers `createLearners`."""

    selected = Selected.of_rows("learners", given.learners)
    rows = [NewLearner(_details(each, whole=True), each.has_app_access) for each in given.learners]

    async def body(work: Work) -> Answer:
        return await detail_services.create(work, rows)

    return await change(info, MayCreateLearners, given, selected, body)


async def update_learner(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateLearner`."""

    selected = Selected.of_one("lrn", given)
    details = _details(given, whole=False)

    async def body(work: Work) -> Answer:
        return await detail_services.edit(work, selected.ids[0], details, expected=selected.expected)

    return await change(info, MayUpdateLearner, given, selected, body)


async def set_learner_app_access(info: PortalInfo, given: Any) -> Completed:
    """Answers `setLearnerAppAccess`."""

    selected = Selected.of_ids("lrn", given)

    async def body(work: Work) -> Answer:
        return await learner_services.set_app_access(
            work, selected.ids, has_app_access=given.has_app_access, expected=selected.expected
        )

    return await change(info, MaySetLearnerAppAccess, given, selected, body)


@dataclass(frozen=True, slots=True)
class DeactivationPayload(BilledPayload):
    """The payload of a deactivation: also how many enrolments went with it."""

    withdrawn: Withdrawn = field(default_factory=Withdrawn)

    @classmethod
    def of(
        cls,
        results: Sequence[Result],
        counts: Counts,
        errors: Sequence[Reason],
        told: Mapping[str, Any],
        **common: Any,
    ) -> Self:
        withdrawn = Withdrawn(**told.get("withdrawn", {}))
        return cls(results, counts, errors, **common, billing=billing(told), withdrawn=withdrawn)


async def deactivate_learners(info: PortalInfo, given: Any) -> Completed:
    """Answers `deactivateLearners`."""

    selected = Selected.of_ids("lrn", given)
    requirements = _requirements(given.special_requirements)

    async def body(work: Work) -> Answer:
        return await learner_services.deactivate(
            work,
            selected.ids,
            reason=given.reason,
            note=given.note or None,
            withdraw_all=given.withdraw_all,
            requirements=requirements,
            expected=selected.expected,
        )

    refusals = list(special_requirements_reasons(requirements, SPECIAL_REQUIREMENTS))
    return await change(
        info, MayDeactivateLearners, given, selected, body, refusals=refusals, payload=DeactivationPayload
    )


async def reactivate_learners(info: PortalInfo, given: Any) -> Completed:
    """Answers `reactivateLearners`."""

    selected = Selected.of_ids("lrn", given)

    async def body(work: Work) -> Answer:
        return await learner_services.reactivate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReactivateLearners, given, selected, body, payload=BilledPayload)


async def learner_usage(info: PortalInfo, month: date) -> Completed:
    """Answers `learnerUsage`.

    Raises:
        RequestError: `INPUT_INVALID`, for a day that names no month.
    """
    if not is_month(month):
        raise RequestError(
            ErrorCode.INPUT_INVALID,
            f"`month` is the first day of a month between {EARLIEST} and {LATEST}, such as 2026-02-01.",
        )
    context = info.context
    dialect, organisation_id = context.planner.dialect, context.known_viewer.organisation_id
    zone = await context.read(lambda: organisation_queries.time_zone_read(dialect, organisation_id))
    asked = Month.of(month, zone)
    running = asked.is_running(context.now)
    return await planned(info, LearnerUsageValue(month.isoformat(), asked.starts_at, asked.ends_at, running))
