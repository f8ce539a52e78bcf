"""Mutations on offers of courses."""

from typing import Any

import strawberry

from portal_api.permissions.courses import (
    MayCreateCourseOffers,
    MayReinstateCourseOffers,
    MayRetireCourseOffers,
    MaySetCourseOfferTrainers,
    MayUpdateCourseOffer,
)
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, change, given_or_none, text_given
from portal_api.resolvers.courses import edited
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.courses import offers
from portal_api.services.courses.offers import OfferInput
from portal_api.work import Answer, Work


async def create_course_offers(info: PortalInfo, given: Any) -> Completed:
    """Answers `createCourseOffers`."""

    rows = [
        OfferInput(
            text_given(row.external_ref),
            parse_id(row.course_id, "crs"),
            row.title,
            given_or_none(row.starts_on),
            given_or_none(row.ends_on),
            row.needs_commitment,
            [parse_id(each, "usr") for each in row.trainer_ids],
        )
        for row in given.offers
    ]

    async def body(work: Work) -> Answer:
        return await offers.create(work, rows)

    return await change(info, MayCreateCourseOffers, given, Selected.of_rows(offers.PLACE, rows), body)


async def update_course_offer(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateCourseOffer`."""

    selected = Selected.of_one("off", given)
    named = edited(given, "external_ref", "title", "needs_commitment")
    named |= {
        name: getattr(given, name) for name in ("starts_on", "ends_on") if getattr(given, name) is not strawberry.UNSET
    }

    async def body(work: Work) -> Answer:
        return await offers.update(work, selected.ids[0], named, expected=selected.expected)

    return await change(info, MayUpdateCourseOffer, given, selected, body)


async def set_course_offer_trainers(info: PortalInfo, given: Any) -> Completed:
    """Answers `setCourseOfferTrainers`."""

    selected = Selected.of_one("off", given)
    trainer_ids = [parse_id(each, "usr") for each in given.trainer_ids]

    async def body(work: Work) -> Answer:
        return await offers.set_trainers(work, selected.ids[0], trainer_ids, expected=selected.expected)

    return await change(info, MaySetCourseOfferTrainers, given, selected, body)


async def retire_course_offers(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireCourseOffers`."""

    selected = Selected.of_ids("off", given)

    async def body(work: Work) -> Answer:
        return await offers.retire(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetireCourseOffers, given, selected, body)


async def reinstate_course_offers(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstateCourseOffers`."""

    selected = Selected.of_ids("off", given)

    async def body(work: Work) -> Answer:
        return await offers.reinstate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReinstateCourseOffers, given, selected, body)
