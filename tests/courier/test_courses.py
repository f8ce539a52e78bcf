"""What a change of a course enrolment leaves to be sent arrives once its cause is committed, once however often it is tried."""

from portal_api.courier import Courier
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.models import notifications, tasks
from tests.api.learncycles.following import by_reason, set_status
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import Organisation
from tests.factories.automations import INACTIVE, NOTE, TASK


async def test_task_and_notification_arrive_once_and_lead_to_the_enrolment(
    organisation: Organisation, sign_in: SignIn, own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> None:
    reason, learner = organisation.status_reason(), organisation.learner()
    rule = by_reason(organisation, reason, TASK, NOTE, INACTIVE)
    enrolment = organisation.course_enrolment(learner)
    refused = organisation.course_enrolment(organisation.learner(is_active=False))
    client = sign_in(Role.ADMIN)
    given = {"status": "WITHDRAWN", "statusReasonId": reason.gid}
    courier = Courier(own_database, clock, new_id)

    await set_status(client, enrolment, **given, preview=True)
    await set_status(client, enrolment, refused, **given, errorPolicy="REJECT_EVERYTHING")
    assert await courier.run_once() == 0
    await set_status(client, enrolment, **given)
    assert await organisation.stored(tasks) == await organisation.stored(notifications) == []
    assert [await courier.run_once() for _ in range(2)] == [2, 0]

    [task], [told] = await organisation.stored(tasks), await organisation.stored(notifications)
    assert (task["learncycle_id"], task["subject_id"]) == (rule.id, enrolment.id)
    assert task["learner_id"] == told["learner_id"] == learner.id
    data = await client.query("{ tasks { nodes { title subject { id } learner { id status } learncycle { id } } } }")
    assert data["tasks"]["nodes"] == [
        {
            "title": "Call them",
            "subject": {"id": enrolment.gid},
            "learner": {"id": learner.gid, "status": "INACTIVE"},
            "learncycle": {"id": rule.gid},
        }
    ]
