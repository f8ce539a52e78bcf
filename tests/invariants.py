"""What holds of an organisation at every moment, in plain SQL: each query finds what breaks one rule, and so nothing."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.database import Database
from portal_api.models import organisations, series_enrolments
from portal_api.models.base import Id, Instant
from tests import invariants_certifications, invariants_courses, invariants_credentials

FAR_FUTURE = datetime(9999, 12, 31, tzinfo=UTC)

_SUBJECTS = """
    SELECT 'organisation' AS kind, id, 'open' AS status, version FROM organisations WHERE id = :organisation
    UNION ALL
    SELECT 'user', user_id, COALESCE(role, 'removed'), version FROM roles WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'integration_token', id, status, version FROM integration_tokens WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'group', id, status, version FROM "groups" WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'learner', id, status, version FROM learners WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'series', id, status, version FROM series WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'series_enrolment', id, status, version FROM series_enrolments WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'pathway', id, status, version FROM pathways WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'pathway_enrolment', id, status, version FROM pathway_enrolments WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'resource', id, status, version FROM resources WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'certification', id, status, version FROM certifications WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'certification_version', id, status, version FROM certification_versions
        WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'learner_certification', id, status, version FROM learner_certifications
        WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'approval', id, status, version FROM approvals WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'certificate', id, status, version FROM certificates WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'course', id, status, version FROM courses WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'unit', id, status, version FROM units WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'course_offer', id, status, version FROM course_offers WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'status_reason', id, status, version FROM status_reasons WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'course_enrolment', id, status, version FROM course_enrolments WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'unit_enrolment', id, outcome, version FROM unit_enrolments WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'survey', id, status, version FROM surveys WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'export', id, status, version FROM exports WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'credential', id, status, version FROM credentials WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'document', id, status, version FROM documents WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'learncycle', id, status, version FROM learncycles WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'task', id, status, version FROM tasks WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'notification', id, status, version FROM notifications WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'webhook_endpoint', id, status, version FROM webhook_endpoints WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'webhook_delivery', id, status, version FROM webhook_deliveries WHERE organisation_id = :organisation
"""
_OF_LEARNERS = (
    "('learner', 'series_enrolment', 'pathway_enrolment', 'learner_certification', 'approval', 'certificate', "
    "'credential', 'document', 'course_enrolment', 'unit_enrolment', 'survey')"
)
_MEMBERS = """
    WITH passing AS (
        SELECT own.id AS group_id, learners.id AS learner_id
        FROM "groups" AS own JOIN learners ON learners.organisation_id = own.organisation_id
        WHERE own.organisation_id = :organisation AND own.status = 'active' AND NOT EXISTS (
            SELECT 1 FROM group_conditions AS test
            WHERE test.organisation_id = own.organisation_id AND test.group_id = own.id AND NOT EXISTS (
                SELECT 1 FROM group_conditions AS choice JOIN learner_attributes AS held
                    ON held.organisation_id = choice.organisation_id
                    AND held.name = choice.attribute AND held.value = choice.value
                WHERE choice.organisation_id = own.organisation_id AND choice.group_id = own.id
                    AND choice.attribute = test.attribute AND held.learner_id = learners.id
            )
        )
    ), written AS (
        SELECT group_id, learner_id FROM group_members WHERE organisation_id = :organisation
    )
"""
_ACTIVE = "('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress')"
_TIMED_OUT = "('incomplete', 'did_not_start', 'never_signed_in')"
_OF_PATHWAYS = """
    series_enrolments AS own
    JOIN pathway_enrolments AS whole
        ON whole.organisation_id = own.organisation_id AND whole.id = own.pathway_enrolment_id
    LEFT JOIN pathway_steps AS step
        ON step.organisation_id = whole.organisation_id AND step.pathway_id = whole.pathway_id
        AND step.series_id = own.series_id
"""
_LINES = """
    WITH RECURSIVE closure (manager_id, learner_id, depth) AS (
        SELECT manager_id, id, 1 FROM learners WHERE organisation_id = :organisation AND manager_id IS NOT NULL
        UNION ALL
        SELECT learners.manager_id, closure.learner_id, closure.depth + 1
        FROM closure JOIN learners ON learners.organisation_id = :organisation AND learners.id = closure.manager_id
        WHERE learners.manager_id IS NOT NULL AND closure.depth < 100
    ), written AS (
        SELECT manager_id, learner_id, depth FROM reporting_lines WHERE organisation_id = :organisation
    )
"""

RULES = {
    "a run of a learncycle says why exactly when it was skipped": """
        SELECT id FROM learncycle_runs
        WHERE organisation_id = :organisation AND (outcome = 'skipped') <> (reasons <> '[]')
    """,
    "what a learncycle did is caused by an entry of no later instant": """
        SELECT entry.id FROM history_entries AS entry JOIN history_entries AS cause
            ON cause.organisation_id = entry.organisation_id AND cause.id = entry.cause_id
        WHERE entry.organisation_id = :organisation AND entry.actor_kind = 'learncycle'
            AND cause.recorded_at > entry.recorded_at
    """,
    "an inactive learner has no app access": """
        SELECT id FROM learners
        WHERE organisation_id = :organisation AND status = 'inactive' AND has_app_access
    """,
    "an active learner has exactly one open activity interval, an inactive one has none": """
        SELECT learners.id FROM learners LEFT JOIN activity_intervals AS open
            ON open.organisation_id = learners.organisation_id AND open.learner_id = learners.id AND open.active_until IS NULL
        WHERE learners.organisation_id = :organisation
        GROUP BY learners.id, learners.status
        HAVING COUNT(open.id) <> CASE learners.status WHEN 'active' THEN 1 ELSE 0 END
    """,
    "the activity intervals of a learner never overlap": """
        SELECT one.learner_id FROM activity_intervals AS one JOIN activity_intervals AS other
            ON other.organisation_id = one.organisation_id AND other.learner_id = one.learner_id AND other.id > one.id
        WHERE one.organisation_id = :organisation
            AND (other.active_until IS NULL OR one.active_from < other.active_until)
            AND (one.active_until IS NULL OR other.active_from < one.active_until)
    """,
    "what is withdrawn, and nothing else, says when and why": """
        SELECT id FROM series_enrolments
        WHERE organisation_id = :organisation AND (
            (status = 'withdrawn') <> (withdrawn_at IS NOT NULL)
            OR (status = 'withdrawn') <> (withdrawal_reason IS NOT NULL)
            OR (status <> 'withdrawn' AND withdrawal_note IS NOT NULL)
        )
    """,
    "an enrolment is due when its next clock move comes": """
        SELECT id FROM series_enrolments
        WHERE organisation_id = :organisation AND due_at <> CASE
            WHEN status = 'waiting_to_start' THEN starts_at
            WHEN status IN ('not_signed_in', 'no_attempts', 'in_progress') THEN ends_at
            ELSE :far_future END
    """,
    "an entry of a record's history has a version of its own; only the clock makes several moves in one": """
        SELECT subject_id FROM history_entries
        WHERE organisation_id = :organisation
        GROUP BY subject_kind, subject_id, version
        HAVING COUNT(*) > 1 AND SUM(CASE actor_kind WHEN 'clock' THEN 0 ELSE 1 END) > 0
    """,
    "the versions in a record's history have no gap and end at the record's own": f"""
        SELECT subject.id FROM history_entries AS entry JOIN ({_SUBJECTS}) AS subject
            ON subject.kind = entry.subject_kind AND subject.id = entry.subject_id
        WHERE entry.organisation_id = :organisation
        GROUP BY subject.kind, subject.id, subject.version
        HAVING MAX(entry.version) <> subject.version
            OR COUNT(DISTINCT entry.version) <> MAX(entry.version) - MIN(entry.version) + 1
    """,
    "history is told in order: a later version was not recorded earlier": """
        SELECT later.id FROM history_entries AS later JOIN history_entries AS earlier
            ON earlier.organisation_id = later.organisation_id AND earlier.subject_kind = later.subject_kind
            AND earlier.subject_id = later.subject_id AND earlier.version < later.version
        WHERE later.organisation_id = :organisation AND later.recorded_at < earlier.recorded_at
    """,
    "the last entry of a record's history says the status that the record has": f"""
        SELECT subject.id FROM ({_SUBJECTS}) AS subject JOIN history_entries AS entry
            ON entry.organisation_id = :organisation AND entry.subject_kind = subject.kind
            AND entry.subject_id = subject.id AND entry.version = subject.version
        GROUP BY subject.id
        HAVING SUM(CASE WHEN COALESCE(entry.to_status, '') = UPPER(COALESCE(subject.status, '')) THEN 1 ELSE 0 END) = 0
    """,
    "an entry begins at the status where the one before it ended": """
        SELECT subject_id FROM (
            SELECT subject_id, from_status, LAG(to_status) OVER (
                PARTITION BY subject_kind, subject_id ORDER BY version, occurred_at
            ) AS status_before
            FROM history_entries WHERE organisation_id = :organisation
        ) AS told
        WHERE status_before IS NOT NULL AND (from_status IS NULL OR from_status <> status_before)
    """,
    "every entry is about a record that exists": f"""
        SELECT entry.id FROM history_entries AS entry LEFT JOIN ({_SUBJECTS}) AS subject
            ON subject.kind = entry.subject_kind AND subject.id = entry.subject_id
        WHERE entry.organisation_id = :organisation AND subject.id IS NULL
    """,
    "every reporting line is one up the chain of managers": f"""
        {_LINES} SELECT learner_id FROM (SELECT * FROM written EXCEPT SELECT * FROM closure) AS superfluous
    """,
    "the whole chain of managers is in the reporting lines": f"""
        {_LINES} SELECT learner_id FROM (SELECT * FROM closure EXCEPT SELECT * FROM written) AS missing
    """,
    "whatever somebody does to a learner's records is done while the learner is active": f"""
        SELECT entry.id FROM history_entries AS entry
        WHERE entry.organisation_id = :organisation AND entry.action <> 'learner_reactivated'
            AND entry.subject_kind IN {_OF_LEARNERS}
            AND entry.actor_kind IN ('user', 'integration')
            AND NOT EXISTS (
                SELECT 1 FROM activity_intervals AS active
                WHERE active.organisation_id = entry.organisation_id AND active.learner_id = entry.learner_id
                    AND active.active_from <= entry.occurred_at
                    AND (active.active_until IS NULL OR entry.occurred_at <= active.active_until)
            )
    """,
    "what is told of a learner's record is told of its learner": f"""
        SELECT entry.id FROM history_entries AS entry
        WHERE entry.organisation_id = :organisation AND entry.learner_id IS NULL
            AND entry.subject_kind IN {_OF_LEARNERS}
    """,
    "an organisation with users has an Owner": """
        SELECT organisation_id FROM roles WHERE organisation_id = :organisation
        GROUP BY organisation_id HAVING SUM(CASE role WHEN 'owner' THEN 1 ELSE 0 END) = 0
    """,
    "every member of a group passes the tests of a group in use": f"""
        {_MEMBERS} SELECT learner_id FROM (SELECT * FROM written EXCEPT SELECT * FROM passing) AS superfluous
    """,
    "whoever passes the tests of a group in use is a member": f"""
        {_MEMBERS} SELECT learner_id FROM (SELECT * FROM passing EXCEPT SELECT * FROM written) AS missing
    """,
    "a token is due when it expires": """
        SELECT id FROM integration_tokens WHERE organisation_id = :organisation
            AND due_at <> CASE status WHEN 'active' THEN expires_at ELSE :far_future END
    """,
    "an export is due when its file goes": """
        SELECT id FROM exports WHERE organisation_id = :organisation
            AND due_at <> CASE status WHEN 'ready' THEN expires_at ELSE :far_future END
    """,
    "an enrolment in a pathway is due when its time runs out": """
        SELECT id FROM pathway_enrolments WHERE organisation_id = :organisation
            AND due_at <> CASE status WHEN 'in_progress' THEN ends_at ELSE :far_future END
    """,
    "a running enrolment in a pathway has the one series open at which it stands, and ends with it": f"""
        SELECT whole.id FROM pathway_enrolments AS whole
        WHERE whole.organisation_id = :organisation AND whole.status = 'in_progress' AND 1 <> (
            SELECT COUNT(*) FROM pathway_steps AS step JOIN series_enrolments AS own
                ON own.organisation_id = step.organisation_id AND own.series_id = step.series_id
            WHERE step.organisation_id = whole.organisation_id AND step.pathway_id = whole.pathway_id
                AND step.position = whole.position AND own.pathway_enrolment_id = whole.id
                AND own.ends_at = whole.ends_at
                -- Where time ran out, the clock may have moved the one and not yet the other.
                AND (own.status IN {_ACTIVE} OR own.status IN {_TIMED_OUT})
        )
    """,
    "the series of a pathway that lie behind are mastered, and none lies ahead or elsewhere": f"""
        SELECT own.id FROM {_OF_PATHWAYS}
        WHERE own.organisation_id = :organisation AND (
            step.position IS NULL OR step.position > whole.position OR own.learner_id <> whole.learner_id
            OR (step.position < whole.position AND own.status <> 'mastered')
        )
    """,
    "a pathway that was completed or withdrawn leaves no series open": f"""
        SELECT own.id FROM {_OF_PATHWAYS}
        WHERE own.organisation_id = :organisation AND whole.status IN ('completed', 'withdrawn')
            AND own.status IN {_ACTIVE}
    """,
    "a series of a pathway is taken once in it": """
        SELECT pathway_enrolment_id FROM series_enrolments
        WHERE organisation_id = :organisation AND pathway_enrolment_id IS NOT NULL
        GROUP BY pathway_enrolment_id, series_id HAVING COUNT(*) > 1
    """,
    "nobody takes a series twice at once, those ahead in a running pathway included": f"""
        WITH claims AS (
            SELECT id, learner_id, series_id, enrolled_at AS since, ends_at AS until FROM series_enrolments
            WHERE organisation_id = :organisation AND status IN {_ACTIVE}
            UNION ALL
            SELECT whole.id, whole.learner_id, step.series_id, whole.enrolled_at, whole.ends_at
            FROM pathway_enrolments AS whole JOIN pathway_steps AS step
                ON step.organisation_id = whole.organisation_id AND step.pathway_id = whole.pathway_id
                AND step.position > whole.position
            WHERE whole.organisation_id = :organisation AND whole.status = 'in_progress'
        )
        SELECT one.id FROM claims AS one JOIN claims AS other
            ON other.learner_id = one.learner_id AND other.series_id = one.series_id AND other.id <> one.id
            AND one.since < other.until AND other.since < one.until
    """,
    "the versions of a certification are numbered in a row, and only the last of them is a draft": """
        SELECT certification_id FROM certification_versions WHERE organisation_id = :organisation
        GROUP BY certification_id
        HAVING MIN(number) <> 1 OR MAX(number) <> COUNT(*)
            OR MIN(CASE status WHEN 'draft' THEN number END) <> COUNT(*)
    """,
    "the training steps of a version are numbered in a row": """
        SELECT certification_version_id FROM certification_steps WHERE organisation_id = :organisation
        GROUP BY certification_version_id HAVING MIN(position) <> 1 OR MAX(position) <> COUNT(*)
    """,
    "nobody answers more questions than the series has": """
        SELECT own.id FROM series_enrolments AS own JOIN series
            ON series.organisation_id = own.organisation_id AND series.id = own.series_id
        WHERE own.organisation_id = :organisation AND (
            own.questions_answered > series.question_count OR own.questions_correct > own.questions_answered
        )
    """,
    **invariants_certifications.RULES,
    **invariants_credentials.RULES,
    **invariants_courses.RULES,
}
OVERDUE = "an enrolment is overdue from the first instant after its last day on, as the organisation counts days"


async def _wrongly_overdue(connection: AsyncConnection, organisation_id: UUID) -> list[UUID]:
    """Days are counted in Python: the engines know time zones each in its own way, or not at all."""
    zone = await connection.scalar(select(organisations.c.time_zone).where(organisations.c.id == organisation_id))
    own = series_enrolments.c
    chosen = select(own.id, own.due_on, own.overdue_at).where(
        own.organisation_id == organisation_id, own.due_on.is_not(None)
    )
    return [
        id_
        for id_, due_on, overdue_at in (await connection.execute(chosen)).all()
        if not _begins(due_on + timedelta(days=1), overdue_at, ZoneInfo(str(zone)))
    ]


def _begins(day: date, instant: datetime, zone: ZoneInfo) -> bool:
    """Whether a day begins at an instant: the instant before is of the day before."""
    before = instant - timedelta(microseconds=1)
    return instant.astimezone(zone).date() == day and before.astimezone(zone).date() == day - timedelta(days=1)


RULE_NAMES = tuple(RULES)
_EVERY_RULE = text(
    " UNION ALL ".join(
        f"SELECT {place} AS place, broken.* FROM ({query}) AS broken" for place, query in enumerate(RULES.values())
    )
).bindparams(bindparam("organisation", type_=Id()), bindparam("far_future", FAR_FUTURE, type_=Instant()))
"""All at once: asked one by one, they would take longer than most of the tests after which they are asked."""


async def broken(database: Database, organisation_id: UUID) -> dict[str, list[UUID]]:
    """The rules that do not hold in an organisation, each with the records that break it."""
    found: dict[str, list[UUID]] = {}
    async with database.engine.connect() as connection:
        for place, id_ in await connection.execute(_EVERY_RULE, {"organisation": organisation_id}):
            found.setdefault(RULE_NAMES[place], []).append(UUID(str(id_)))
        if late := await _wrongly_overdue(connection, organisation_id):
            found[OVERDUE] = late
    return found


async def check(database: Database, organisation_id: UUID) -> None:
    """Fails with every rule that does not hold in an organisation."""
    found = await broken(database, organisation_id)
    assert not found, "\n".join(f"{rule}: not so for {', '.join(map(str, ids))}" for rule, ids in found.items())
