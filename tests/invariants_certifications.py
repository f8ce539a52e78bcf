"""What holds of learners' certifications at every moment, in plain SQL, as `invariants.py` says it of the rest."""

_WORKED_ON = "('not_started', 'in_progress', 'pending_approval', 'recertifying')"
_OPEN = """
    learner_certifications AS own JOIN certification_cycles AS open
        ON open.organisation_id = own.organisation_id AND open.learner_certification_id = own.id
        AND open.closed_at IS NULL
"""
_BY_GROUP = """
    assignment_sources AS source JOIN learner_certifications AS own
        ON own.organisation_id = source.organisation_id AND own.id = source.learner_certification_id
        AND source.kind = 'group' AND source.ended_at IS NULL
"""

RULES = {
    "whom a group holds, it has assigned what it assigns: while they and it are active, with a version published": f"""
        SELECT held.learner_id FROM certification_groups AS named
            JOIN group_members AS held
                ON held.organisation_id = named.organisation_id AND held.group_id = named.group_id
            JOIN learners ON learners.organisation_id = held.organisation_id AND learners.id = held.learner_id
            JOIN certifications ON certifications.organisation_id = named.organisation_id
                AND certifications.id = named.certification_id
        WHERE named.organisation_id = :organisation
            AND learners.status = 'active' AND certifications.status = 'active' AND EXISTS (
                SELECT 1 FROM certification_versions AS version WHERE version.organisation_id = named.organisation_id
                    AND version.certification_id = named.certification_id AND version.status = 'published'
            ) AND NOT EXISTS (
                SELECT 1 FROM {_BY_GROUP} WHERE own.organisation_id = named.organisation_id
                    AND own.learner_id = held.learner_id AND own.certification_id = named.certification_id
                    AND own.archived_at IS NULL AND source.group_id = named.group_id
            )
    """,
    "of an active learner, a source by a group stands only while the group holds them and assigns it": f"""
        SELECT source.id FROM {_BY_GROUP}
            JOIN learners ON learners.organisation_id = own.organisation_id AND learners.id = own.learner_id
        WHERE own.organisation_id = :organisation AND learners.status = 'active' AND NOT EXISTS (
            SELECT 1 FROM certification_groups AS named JOIN group_members AS held
                ON held.organisation_id = named.organisation_id AND held.group_id = named.group_id
            WHERE named.organisation_id = own.organisation_id AND named.certification_id = own.certification_id
                AND named.group_id = source.group_id AND held.learner_id = own.learner_id
        )
    """,
    "a group has one source that stands in a learner's certification at the most": f"""
        SELECT own.id FROM {_BY_GROUP} WHERE own.organisation_id = :organisation
        GROUP BY own.id, source.group_id HAVING COUNT(*) > 1
    """,
    "no source stands in a learner's certification that is archived": """
        SELECT source.id FROM assignment_sources AS source JOIN learner_certifications AS own
            ON own.organisation_id = source.organisation_id AND own.id = source.learner_certification_id
        WHERE own.organisation_id = :organisation AND own.archived_at IS NOT NULL AND source.ended_at IS NULL
    """,
    "a cycle is open exactly where a learner's certification is worked on, and not archived": f"""
        SELECT own.id FROM learner_certifications AS own LEFT JOIN certification_cycles AS open
            ON open.organisation_id = own.organisation_id AND open.learner_certification_id = own.id
            AND open.closed_at IS NULL
        WHERE own.organisation_id = :organisation
            AND (open.id IS NOT NULL) <> (own.status IN {_WORKED_ON} AND own.archived_at IS NULL)
    """,
    "the status of a learner's certification that is worked on is the standing of its open cycle": f"""
        SELECT own.id FROM {_OPEN}
        WHERE own.organisation_id = :organisation AND own.status <> CASE
            WHEN open.steps_waiting > 0 OR open.is_exam_waiting THEN 'pending_approval'
            WHEN open.exam_passed_at IS NOT NULL AND open.steps_open = 0 THEN 'certified'
            WHEN open.is_recertification THEN 'recertifying'
            WHEN open.started_at IS NOT NULL THEN 'in_progress'
            ELSE 'not_started' END
    """,
    "a cycle counts its open and waiting steps as their progress says": """
        SELECT cycle.id FROM certification_cycles AS cycle
        WHERE cycle.organisation_id = :organisation AND (
            cycle.steps_open <> (
                SELECT COUNT(*) FROM step_progress AS step WHERE step.organisation_id = cycle.organisation_id
                    AND step.certification_cycle_id = cycle.id AND step.status <> 'done'
            ) OR cycle.steps_waiting <> (
                SELECT COUNT(*) FROM step_progress AS step WHERE step.organisation_id = cycle.organisation_id
                    AND step.certification_cycle_id = cycle.id AND step.status = 'awaiting_approval'
            )
        )
    """,
    "a cycle counts its attempts at the exam as they are": """
        SELECT cycle.id FROM certification_cycles AS cycle
        WHERE cycle.organisation_id = :organisation AND (
            cycle.attempts_used <> (
                SELECT COUNT(*) FROM exam_attempts AS own
                WHERE own.organisation_id = cycle.organisation_id AND own.certification_cycle_id = cycle.id
            ) OR cycle.has_attempt_open <> EXISTS (
                SELECT 1 FROM exam_attempts AS own WHERE own.organisation_id = cycle.organisation_id
                    AND own.certification_cycle_id = cycle.id AND own.status = 'started' AND cycle.closed_at IS NULL
            ) OR cycle.is_exam_waiting <> EXISTS (
                SELECT 1 FROM exam_attempts AS own WHERE own.organisation_id = cycle.organisation_id
                    AND own.certification_cycle_id = cycle.id AND own.status = 'awaiting_approval'
                    AND cycle.closed_at IS NULL
            )
        )
    """,
    "an exam is passed by an attempt that passed, or by an override": """
        SELECT cycle.id FROM certification_cycles AS cycle
        WHERE cycle.organisation_id = :organisation AND NOT cycle.is_exam_overridden
            AND (cycle.exam_passed_at IS NOT NULL) <> EXISTS (
                SELECT 1 FROM exam_attempts AS own WHERE own.organisation_id = cycle.organisation_id
                    AND own.certification_cycle_id = cycle.id AND own.status = 'passed'
            )
    """,
    "no certificate is in force where access was revoked or the learner is barred": """
        SELECT own.id FROM learner_certifications AS own JOIN certificates AS held
            ON held.organisation_id = own.organisation_id AND held.learner_certification_id = own.id
        WHERE own.organisation_id = :organisation AND held.status = 'valid' AND own.status IN ('revoked', 'disallowed')
    """,
    "a learner's certification is pending approval exactly while evidence or an exam of its open cycle is": """
        SELECT own.id FROM learner_certifications AS own
        WHERE own.organisation_id = :organisation AND (own.status = 'pending_approval') <> EXISTS (
            SELECT 1 FROM approvals AS asked JOIN certification_cycles AS open
                ON open.organisation_id = asked.organisation_id AND open.id = asked.certification_cycle_id
                AND open.closed_at IS NULL
            WHERE asked.organisation_id = own.organisation_id AND asked.learner_certification_id = own.id
                AND asked.status = 'pending' AND asked.kind IN ('evidence', 'exam')
        )
    """,
    "a learner's certification is due when its next clock move comes": """
        SELECT id FROM learner_certifications WHERE organisation_id = :organisation
            AND due_at <> CASE status
                WHEN 'certified' THEN COALESCE(expires_at, :far_future)
                WHEN 'expired' THEN COALESCE(lapses_at, :far_future)
                ELSE :far_future END
    """,
    "a certificate is due when it expires": """
        SELECT id FROM certificates WHERE organisation_id = :organisation
            AND due_at <> CASE status WHEN 'valid' THEN COALESCE(expires_at, :far_future) ELSE :far_future END
    """,
}
