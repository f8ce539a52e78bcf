"""What holds of an organisation at every moment, in plain SQL: each query finds what breaks one rule, and so nothing."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import bindparam, text

from portal_api.database import Database
from portal_api.models.base import Id, Instant

FAR_FUTURE = datetime(9999, 12, 31, tzinfo=UTC)

_SUBJECTS = """
    SELECT 'organisation' AS kind, id, 'open' AS status, version FROM organisations WHERE id = :organisation
    UNION ALL
    SELECT 'user', user_id, COALESCE(role, 'removed'), version FROM roles WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'integration_token', id, status, version FROM integration_tokens WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'group', id, status, version FROM groups WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'learner', id, status, version FROM learners WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'series_enrolment', id, status, version FROM series_enrolments WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'series', id, status, version FROM series WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'pathway', id, status, version FROM pathways WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'pathway_enrolment', id, status, version FROM pathway_enrolments WHERE organisation_id = :organisation
    UNION ALL
    SELECT 'resource', id, status, version FROM resources WHERE organisation_id = :organisation
"""
_MEMBERS = """
    WITH held AS (
        SELECT group_id, learner_id FROM group_members WHERE organisation_id = :organisation
    ), passing AS (
        SELECT groups.id AS group_id, learners.id AS learner_id
        FROM groups JOIN learners ON learners.organisation_id = groups.organisation_id
        WHERE groups.organisation_id = :organisation AND groups.status = 'active' AND NOT EXISTS (
            SELECT 1 FROM group_conditions AS tested
            WHERE tested.organisation_id = :organisation AND tested.group_id = groups.id AND NOT EXISTS (
                SELECT 1 FROM group_conditions AS test JOIN learner_attributes AS attribute
                    ON attribute.organisation_id = test.organisation_id
                    AND attribute.name = test.attribute AND attribute.value = test.value
                WHERE test.organisation_id = :organisation AND test.group_id = groups.id
                    AND test.attribute = tested.attribute AND attribute.learner_id = learners.id
            )
        )
    )
    SELECT 'export', id, status, version FROM exports WHERE organisation_id = :organisation
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
    "only an export that is ready or runs has a file, and the pieces of one follow one another": """
        SELECT exports.id FROM exports JOIN export_pieces AS piece
            ON piece.organisation_id = exports.organisation_id AND piece.export_id = exports.id
        WHERE exports.organisation_id = :organisation
        GROUP BY exports.id, exports.status
        HAVING exports.status NOT IN ('ready', 'running') OR MAX(piece.position) <> COUNT(*) - 1
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
        HAVING SUM(CASE WHEN entry.to_status = UPPER(subject.status) THEN 1 ELSE 0 END) = 0
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
    "an organisation has an Owner": """
        SELECT id FROM organisations
        WHERE id = :organisation
            AND NOT EXISTS (SELECT 1 FROM roles WHERE organisation_id = :organisation AND role = 'owner')
    """,
    "a machine client holds the role INTEGRATION or none, and nobody else holds it": """
        SELECT roles.user_id FROM roles JOIN users ON users.id = roles.user_id
        WHERE roles.organisation_id = :organisation AND roles.role IS NOT NULL
            AND users.is_machine <> (roles.role = 'integration')
    """,
    "a token is due when it expires, unless it is over": """
        SELECT id FROM integration_tokens
        WHERE organisation_id = :organisation
            AND due_at <> CASE WHEN status = 'active' THEN expires_at ELSE :far_future END
    """,
    "a group in use holds exactly the learners who pass its tests, and a retired one nobody": f"""
        {_MEMBERS} SELECT learner_id FROM (SELECT * FROM held EXCEPT SELECT * FROM passing) AS superfluous
        UNION ALL SELECT learner_id FROM (SELECT * FROM passing EXCEPT SELECT * FROM held) AS missing
    """,
    "every reporting line is one up the chain of managers": f"""
        {_LINES} SELECT learner_id FROM (SELECT * FROM written EXCEPT SELECT * FROM closure) AS superfluous
    """,
    "the whole chain of managers is in the reporting lines": f"""
        {_LINES} SELECT learner_id FROM (SELECT * FROM closure EXCEPT SELECT * FROM written) AS missing
    """,
    "an enrolment in a pathway is due when its end comes, unless it has ended": """
        SELECT id FROM pathway_enrolments
        WHERE organisation_id = :organisation
            AND due_at <> CASE WHEN status = 'in_progress' THEN ends_at ELSE :far_future END
    """,
    "an enrolment in a pathway that runs has one in the series at its position, which ends with it": """
        SELECT walk.id FROM pathway_enrolments AS walk
        WHERE walk.organisation_id = :organisation AND walk.status = 'in_progress' AND (
            EXISTS (
                SELECT 1 FROM series_enrolments AS any_of_it
                WHERE any_of_it.organisation_id = :organisation AND any_of_it.pathway_enrolment_id = walk.id
            )
            OR EXISTS (
                SELECT 1 FROM history_entries AS entry
                WHERE entry.organisation_id = :organisation AND entry.subject_id = walk.id
            )
        ) AND NOT EXISTS (
            SELECT 1 FROM pathway_steps AS step JOIN series_enrolments AS taken
                ON taken.organisation_id = step.organisation_id AND taken.series_id = step.series_id
            WHERE step.organisation_id = :organisation AND step.pathway_id = walk.pathway_id
                AND step.position = walk.position AND taken.pathway_enrolment_id = walk.id
                AND taken.learner_id = walk.learner_id AND taken.ends_at = walk.ends_at
                AND taken.status NOT IN ('mastered', 'withdrawn')
        )
    """,
    "nothing of an enrolment in a pathway that has ended is active, unless its time ran out at the same instant": """
        SELECT walk.id FROM pathway_enrolments AS walk JOIN series_enrolments AS taken
            ON taken.organisation_id = walk.organisation_id AND taken.pathway_enrolment_id = walk.id
        WHERE walk.organisation_id = :organisation AND walk.status <> 'in_progress'
            AND taken.status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress')
            AND NOT (walk.status = 'incomplete' AND taken.ends_at <= walk.ends_at)
    """,
    "whatever somebody does to an enrolment is done while its learner is active": """
        SELECT entry.id FROM history_entries AS entry
        WHERE entry.organisation_id = :organisation
            AND entry.subject_kind IN ('series_enrolment', 'pathway_enrolment')
            AND entry.action <> 'series_enrolment_withdrawn' AND entry.actor_kind IN ('user', 'integration')
            AND NOT EXISTS (
                SELECT 1 FROM activity_intervals AS active
                WHERE active.organisation_id = entry.organisation_id AND active.learner_id = entry.learner_id
                    AND active.active_from <= entry.occurred_at
                    AND (active.active_until IS NULL OR entry.occurred_at <= active.active_until)
            )
    """,
    "whatever somebody withdraws is withdrawn while its learner is active": """
        SELECT entry.id FROM history_entries AS entry
        WHERE entry.organisation_id = :organisation AND entry.action = 'series_enrolment_withdrawn'
            AND entry.actor_kind IN ('user', 'integration')
            AND NOT EXISTS (
                SELECT 1 FROM activity_intervals AS active
                WHERE active.organisation_id = entry.organisation_id AND active.learner_id = entry.learner_id
                    AND active.active_from <= entry.occurred_at
                    AND (active.active_until IS NULL OR entry.occurred_at <= active.active_until)
            )
    """,
}


async def broken(database: Database, organisation_id: UUID) -> dict[str, list[UUID]]:
    """The rules that do not hold in an organisation, each with the records that break it."""
    found: dict[str, list[UUID]] = {}
    async with database.engine.connect() as connection:
        for rule, query in RULES.items():
            statement = text(query).bindparams(bindparam("organisation", type_=Id()))
            values: dict[str, object] = {"organisation": organisation_id}
            if ":far_future" in query:
                statement = statement.bindparams(bindparam("far_future", type_=Instant()))
                values["far_future"] = FAR_FUTURE
            if rows := (await connection.execute(statement, values)).scalars().all():
                found[rule] = [UUID(str(row)) for row in rows]
    return found


async def check(database: Database, organisation_id: UUID) -> None:
    """Fails with every rule that does not hold in an organisation."""
    found = await broken(database, organisation_id)
    assert not found, "\n".join(f"{rule}: not so for {', '.join(map(str, ids))}" for rule, ids in found.items())
