"""Article 4: the four stages of a learner's lifecycle, and what is needed in each."""

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus as S
from portal_api.domain.roles import Role
from tests.api.calls import call
from tests.api.cases import row_codes
from tests.client import Client, Json
from tests.conftest import SignIn
from tests.factories import Organisation

BOARD = """{ lifecycleBoard { stages { stage enrolmentCount learnerCount
    enrolments(first: 10) { nodes { id status needs { need } } } } } }"""


async def board(client: Client) -> dict[str, Json]:
    data = await client.query(BOARD)
    return {each["stage"]: each for each in data["lifecycleBoard"]["stages"]}


def needs(stage: Json) -> list[set[str]]:
    """What each enrolment of a stage needs."""
    return [{need["need"] for need in each["needs"]} for each in stage["enrolments"]["nodes"]]


async def test_the_lifecycle_has_four_stages(organisation: Organisation, sign_in: SignIn) -> None:
    both = organisation.learner()
    organisation.course_enrolment(both, status=S.ENQUIRY)
    organisation.course_enrolment(both, status=S.CURRENT)
    organisation.course_enrolment(organisation.learner(), status=S.WITHDRAWN)
    organisation.course_enrolment(organisation.learner(), status=S.DECLINED)

    stages = await board(sign_in(Role.ADMIN))

    counts = {name: (each["enrolmentCount"], each["learnerCount"]) for name, each in stages.items()}
    assert counts == {"SALES": (1, 1), "PROGRESSION": (1, 1), "COMPLETION": (1, 1), "RECONNECT": (0, 0)}


async def test_in_sales_an_application_awaits_its_decision(organisation: Organisation, sign_in: SignIn) -> None:
    offer = organisation.course_offer(organisation.course(), needs_commitment=True)
    admin, rows = sign_in(Role.ADMIN), [{"learnerId": organisation.learner().gid}]
    await call(admin, "enrolInCourse", "id", courseOfferId=offer.gid, status="ENQUIRY", learners=rows)

    sales = (await board(admin))["SALES"]

    assert needs(sales) == [{"DECISION", "STUDENT_IDENTIFIER", "COMMITMENT"}]


async def test_progression_lasts_until_the_final_unit(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.course_enrolment(organisation.learner(), status=S.PENDING)
    unit = organisation.unit_enrolment(enrolment, starts=None, ends=None)
    admin = sign_in(Role.ADMIN)
    await call(admin, "setCourseEnrolmentStatus", "id", ids=[enrolment.gid], status="CURRENT")
    assert needs((await board(admin))["PROGRESSION"]) == [{"STUDENT_IDENTIFIER", "START", "END", "OUTCOME"}]

    done = {"id": unit.gid, "outcome": "20", "startsOn": str(organisation.day(-9)), "endsOn": str(organisation.day(-1))}
    await call(admin, "updateUnitEnrolments", "id", units=[done])

    stages = await board(admin)
    assert (stages["PROGRESSION"]["enrolmentCount"], stages["COMPLETION"]["enrolmentCount"]) == (0, 1)


async def test_tasks_are_scheduled_in_their_stage(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment, admin = organisation.course_enrolment(organisation.learner()), sign_in(Role.ADMIN)
    task = {"subjectId": enrolment.gid, "title": "Ring them", "dueOn": str(organisation.day(7)), "stage": "PROGRESSION"}
    made = await call(admin, "createTasks", "id status stage dueOn", tasks=[task])
    node = made["results"][0]["node"]
    assert (node["status"], node["stage"], node["dueOn"]) == ("OPEN", "PROGRESSION", str(organisation.day(7)))

    done = await call(admin, "completeTasks", "status", ids=[node["id"]])
    assert done["results"][0]["node"]["status"] == "DONE"


async def test_completion_includes_credential_survey_and_loose_ends(
    organisation: Organisation, sign_in: SignIn
) -> None:
    enrolment = organisation.course_enrolment(organisation.learner(), status=S.COMPLETION_PENDING)
    organisation.unit_enrolment(enrolment, ends=-1, outcome=Outcome.COMPETENT)

    stages = await board(sign_in(Role.ADMIN))

    wanted = {"STATUS_REASON", "STUDENT_IDENTIFIER", "SURVEY", "CREDENTIAL", "FINALISE"}
    assert needs(stages["COMPLETION"]) == [wanted]


async def test_who_is_done_can_be_reconnected_for_a_renewal_or_another_qualification(
    organisation: Organisation, sign_in: SignIn
) -> None:
    done = [
        organisation.course_enrolment(organisation.learner(), status=S.COMPLETED, finalised_on=organisation.day(-1))
        for _ in range(3)
    ]
    owner = sign_in(Role.OWNER)
    for enrolment, purpose in zip(done, ("RENEWAL", "OTHER_QUALIFICATION", "MARKETING"), strict=True):
        await call(owner, "flagForReconnect", "id", ids=[enrolment.gid], purpose=purpose)
    assert (await board(owner))["RECONNECT"]["enrolmentCount"] == 3

    own = organisation.itself.gid
    await call(owner, "updateOrganisation", "id", id=own, hasReconnectStage=False)
    stages = await board(owner)
    assert "RECONNECT" not in stages
    assert stages["COMPLETION"]["enrolmentCount"] == 3
    refused = await call(owner, "flagForReconnect", "id", ids=[done[0].gid], purpose="RENEWAL")
    assert row_codes(refused) == [["RECONNECT_OFF"]]
