"""The documents about courses, units, offers and status reasons."""

from tests.operations.cases.shape import Case, on, owners

CASES: dict[str, Case] = {
    "admin_console/courses": Case(("courses.nodes", "courses.totalCount")),
    "admin_console/course": Case(
        ("course.units.nodes", "course.offers.nodes", "course.actions"),
        lambda scene: {"externalRef": scene.training.course["external_ref"]},
    ),
    "admin_console/units": Case(("units.nodes", "units.totalCount")),
    "admin_console/course_offers": Case(("courseOffers.nodes", "courseOffers.totalCount")),
    "admin_console/status_reasons": Case(("statusReasons.nodes", "statusReasons.totalCount")),
    "admin_console/create_courses": Case(
        ("createCourses.results", "createCourses.counts.changed"),
        lambda scene: {"input": {"courses": [{"title": "Ageing support", "programIdentifier": "CHC33021"}]}},
    ),
    "admin_console/update_course": Case(
        ("updateCourse.results", "updateCourse.counts.changed"),
        lambda scene: {"input": {"id": scene.training.course.gid, "unitIds": []}},
    ),
    "admin_console/retire_courses": Case(
        ("retireCourses.results", "retireCourses.counts.changed"), on(lambda scene: scene.training.course)
    ),
    "admin_console/reinstate_courses": Case(
        ("reinstateCourses.results", "reinstateCourses.counts.changed"), on(lambda scene: scene.training.retired_course)
    ),
    "admin_console/create_units": Case(
        ("createUnits.results", "createUnits.counts.changed"),
        lambda scene: {"input": {"units": [{"title": "Work safely", "identifier": "HLTWHS002"}]}},
    ),
    "admin_console/update_unit": Case(
        ("updateUnit.results", "updateUnit.counts.changed"),
        lambda scene: {"input": {"id": scene.training.unit.gid, "title": "Anew"}},
    ),
    "admin_console/retire_units": Case(
        ("retireUnits.results", "retireUnits.counts.changed"), on(lambda scene: scene.training.unit)
    ),
    "admin_console/reinstate_units": Case(
        ("reinstateUnits.results", "reinstateUnits.counts.changed"), on(lambda scene: scene.training.retired_unit)
    ),
    "admin_console/create_course_offers": Case(
        ("createCourseOffers.results", "createCourseOffers.counts.changed"),
        lambda scene: {"input": {"offers": [{"courseId": scene.training.course.gid, "title": "Winter"}]}},
    ),
    "admin_console/update_course_offer": Case(
        ("updateCourseOffer.results", "updateCourseOffer.counts.changed"),
        lambda scene: {"input": {"id": scene.training.offer.gid, "title": "Anew"}},
    ),
    "admin_console/set_course_offer_trainers": Case(
        ("setCourseOfferTrainers.results", "setCourseOfferTrainers.counts.changed"),
        lambda scene: {"input": {"id": scene.training.offer.gid, "trainerIds": []}},
    ),
    "admin_console/retire_course_offers": Case(
        ("retireCourseOffers.results", "retireCourseOffers.counts.changed"), on(lambda scene: scene.training.offer)
    ),
    "admin_console/reinstate_course_offers": Case(
        ("reinstateCourseOffers.results", "reinstateCourseOffers.counts.changed"),
        on(lambda scene: scene.training.retired_offer),
    ),
    "admin_console/add_status_reasons": owners(
        "addStatusReasons", lambda scene: {"reasons": [{"title": "Moved away"}]}
    ),
    "admin_console/retire_status_reasons": owners(
        "retireStatusReasons", lambda scene: {"ids": [scene.training.reason.gid]}
    ),
    "admin_console/reinstate_status_reasons": owners(
        "reinstateStatusReasons", lambda scene: {"ids": [scene.training.retired_reason.gid]}
    ),
}
