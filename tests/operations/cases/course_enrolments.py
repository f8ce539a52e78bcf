"""The documents about course enrolments, their units and surveys."""

from portal_api.domain.roles import Role
from tests.operations.cases.shape import Case, Variables, on
from tests.operations.scene import Scene


def _changed(mutation: str, given: Variables, *others_who_may: Role) -> Case:
    filled = (f"{mutation}.results", f"{mutation}.counts.changed")
    return Case(filled, lambda scene: {"input": given(scene)}, others_who_may=others_who_may)


def _results(scene: Scene) -> dict[str, object]:
    return {"units": [{"id": scene.enrolled.part.gid, "outcome": "20", "actualHours": 38}]}


def _withdrawal(scene: Scene) -> dict[str, object]:
    day = str(scene.organisation.today)
    closing = {"reconnect": {"purpose": "RENEWAL", "on": day}, "deactivation": {"note": "Has left"}}
    return {
        "enrolments": [{"id": scene.enrolled.running.gid, "on": day, "units": _hours(scene)}],
        "status": "WITHDRAWN",
        "statusReasonId": scene.training.reason.gid,
        "closing": closing,
        "preview": True,
    }


def _hours(scene: Scene) -> list[dict[str, object]]:
    return [{"unitEnrolmentId": scene.enrolled.part.gid, "hoursAttended": 50}]


CASES: dict[str, Case] = {
    "admin_console/unit_enrolment_ids": Case(("unitEnrolmentIds.ids", "unitEnrolmentIds.totalCount")),
    "admin_console/course_enrolments": Case(
        ("courseEnrolments.nodes", "courseEnrolments.totalCount"),
        lambda scene: {"filter": {"stage": {"notIn": ["SALES"]}}},
    ),
    "admin_console/course_enrolment": Case(
        (
            "courseEnrolment.units.nodes",
            "courseEnrolment.checklist",
            "courseEnrolment.needs",
            "courseEnrolment.actions",
        ),
        lambda scene: {"id": scene.enrolled.running.gid},
    ),
    "admin_console/course_enrolment_ids": Case(("courseEnrolmentIds.ids", "courseEnrolmentIds.totalCount")),
    "admin_console/unit_enrolments": Case(("unitEnrolments.nodes", "unitEnrolments.totalCount")),
    "admin_console/surveys": Case(("surveys.nodes", "surveys.totalCount")),
    "admin_console/enrol_in_course": _changed(
        "enrolInCourse",
        lambda scene: {
            "courseOfferId": scene.training.offer.gid,
            "learners": [{"learnerId": scene.team[1].gid, "commitmentId": "COM-1"}],
        },
    ),
    "admin_console/update_course_enrolment": _changed(
        "updateCourseEnrolment", lambda scene: {"id": scene.enrolled.running.gid, "commitmentId": "COM-1"}
    ),
    "admin_console/set_course_enrolment_status": Case(
        ("setCourseEnrolmentStatus.results", "setCourseEnrolmentStatus.counts.changed"),
        on(lambda scene: scene.enrolled.running, status="COMPLETION_PENDING"),
    ),
    "admin_console/finalise_course_enrolments": Case(
        (
            "finaliseCourseEnrolments.results",
            "finaliseCourseEnrolments.counts.changed",
            "finaliseCourseEnrolments.warnings",
            "finaliseCourseEnrolments.billing",
        ),
        lambda scene: {"input": _withdrawal(scene)},
    ),
    "admin_console/flag_for_reconnect": Case(
        ("flagForReconnect.results", "flagForReconnect.counts.changed"),
        on(lambda scene: scene.enrolled.left, purpose="RENEWAL"),
    ),
    "admin_console/transition_course_enrolments": _changed(
        "transitionCourseEnrolments",
        lambda scene: {"enrolments": [{"id": scene.enrolled.superseded.gid, "commitmentId": "COM-2"}]},
    ),
    "admin_console/update_unit_enrolments": _changed("updateUnitEnrolments", _results, Role.TRAINER),
    "admin_console/report_unit_enrolments": Case(
        ("reportUnitEnrolments.results", "reportUnitEnrolments.counts.changed"), on(lambda scene: scene.enrolled.part)
    ),
    "admin_console/add_unit_enrolments": _changed(
        "addUnitEnrolments",
        lambda scene: {
            "courseEnrolmentId": scene.enrolled.superseded.gid,
            "units": [{"unitId": scene.training.unit.gid}],
        },
    ),
    "admin_console/request_surveys": Case(
        ("requestSurveys.results", "requestSurveys.counts.changed"), on(lambda scene: scene.enrolled.completed)
    ),
    "integration/record_survey_answers": _changed(
        "recordSurveyAnswers",
        lambda scene: {"answers": [{"surveyId": scene.enrolled.survey.gid, "answersRef": "answers-7"}]},
    ),
    "learner_app/my_courses": Case(("courseEnrolments.nodes", "courseEnrolments.totalCount")),
    "manager_dashboard/team_courses": Case(("courseEnrolments.nodes", "courseEnrolments.totalCount")),
    "trainer_page/taught_enrolments": Case(("courseEnrolments.nodes", "courseEnrolments.totalCount")),
    "trainer_page/record_results": _changed("updateUnitEnrolments", _results),
}
