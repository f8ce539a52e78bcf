"""What can be changed about offers of courses: inputs, payloads, mutations."""

from datetime import date

import strawberry

from portal_api import resolvers
from portal_api.permissions import courses as permissions
from portal_api.schema.changes import ChangeInput, EditInput, ManyInput, Payload, Result, changing
from portal_api.schema.course_offers import CourseOffer


@strawberry.input(description="An offer of a course to be made.")
class NewCourseOfferInput:
    course_id: strawberry.ID = strawberry.field(description="The course, which is in use.")
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its reference; its identifier if none is given. 1 to 100 characters."
    )
    title: str = strawberry.field(description="Its title, 1 to 200 characters.")
    starts_on: date | None = strawberry.field(default=strawberry.UNSET, description="Its first day, if that is fixed.")
    ends_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="Its last day, not before the first, if that is fixed."
    )
    needs_commitment: bool = strawberry.field(
        default=False, description="Whether each enrolment is reported with a commitment."
    )
    trainer_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Who trains in it: up to 50 users of the role `TRAINER`."
    )


@strawberry.input(description="Offers of courses to be made.")
class CreateCourseOffersInput(ManyInput):
    offers: list[NewCourseOfferInput] = strawberry.field(description="The offers, 1 to 1,000.")


@strawberry.input(description="An offer of a course to be changed; what is not given stays as it is.")
class UpdateCourseOfferInput(EditInput):
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its reference, 1 to 100 characters."
    )
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Its title, 1 to 200 characters.")
    starts_on: date | None = strawberry.field(default=strawberry.UNSET, description="Its first day; null for none.")
    ends_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="Its last day, not before the first; null for none."
    )
    needs_commitment: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether each enrolment is reported with a commitment."
    )


@strawberry.input(description="Who is to train in an offer of a course.")
class SetCourseOfferTrainersInput(EditInput):
    trainer_ids: list[strawberry.ID] = strawberry.field(
        description="All who train in it: up to 50 users of the role `TRAINER`; none for nobody."
    )


@strawberry.input(description="Offers of courses to be retired.")
class RetireCourseOffersInput(ChangeInput):
    pass


@strawberry.input(description="Offers of courses to be taken into use again.")
class ReinstateCourseOffersInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one offer of a course.")
class CourseOfferResult(Result[CourseOffer]):
    pass


@strawberry.type(description="The answer to the making of offers.")
class CreateCourseOffersPayload(Payload[CourseOfferResult]):
    pass


@strawberry.type(description="The answer to a change of an offer.")
class UpdateCourseOfferPayload(Payload[CourseOfferResult]):
    pass


@strawberry.type(description="The answer to a change of trainers.")
class SetCourseOfferTrainersPayload(Payload[CourseOfferResult]):
    pass


@strawberry.type(description="The answer to a retirement of offers.")
class RetireCourseOffersPayload(Payload[CourseOfferResult]):
    pass


@strawberry.type(description="The answer to a reinstatement of offers.")
class ReinstateCourseOffersPayload(Payload[CourseOfferResult]):
    pass


@strawberry.type
class CourseOfferMutations:
    create_course_offers: CreateCourseOffersPayload | None = changing(
        resolvers.course_offers.create_course_offers,
        permissions.MayCreateCourseOffers,
        CreateCourseOffersInput,
        CreateCourseOffersPayload,
        "Offer courses.",
    )
    update_course_offer: UpdateCourseOfferPayload | None = changing(
        resolvers.course_offers.update_course_offer,
        permissions.MayUpdateCourseOffer,
        UpdateCourseOfferInput,
        UpdateCourseOfferPayload,
        "Change an offer of a course; enrolments keep their dates.",
    )
    set_course_offer_trainers: SetCourseOfferTrainersPayload | None = changing(
        resolvers.course_offers.set_course_offer_trainers,
        permissions.MaySetCourseOfferTrainers,
        SetCourseOfferTrainersInput,
        SetCourseOfferTrainersPayload,
        "Say who trains in an offer of a course; they see it, and whoever is enrolled in it.",
    )
    retire_course_offers: RetireCourseOffersPayload | None = changing(
        resolvers.course_offers.retire_course_offers,
        permissions.MayRetireCourseOffers,
        RetireCourseOffersInput,
        RetireCourseOffersPayload,
        "Retire offers of courses: nobody is enrolled any more, running enrolments go on.",
    )
    reinstate_course_offers: ReinstateCourseOffersPayload | None = changing(
        resolvers.course_offers.reinstate_course_offers,
        permissions.MayReinstateCourseOffers,
        ReinstateCourseOffersInput,
        ReinstateCourseOffersPayload,
        "Take retired offers of courses into use again.",
    )
