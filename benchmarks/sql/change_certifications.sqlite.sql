-- M2, M3, M4, after BEGIN IMMEDIATE. `:rows` is a list of [record, history entry, new cycle], the two latter new keys.
-- name: role
SELECT role FROM roles WHERE organisation_id = :organisation AND user_id = :user;
-- name: claim
INSERT INTO idempotency_keys (organisation_id, actor_id, mutation, key, input_hash, outcome, created_at, expires_at)
VALUES (:organisation, :user, :mutation, :key, :hash, NULL, :now, :expires_at)
ON CONFLICT (organisation_id, actor_id, mutation, key) DO UPDATE
SET input_hash = excluded.input_hash, outcome = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE expires_at <= excluded.created_at;
-- name: record
INSERT INTO history_entries (
    organisation_id, id, actor_kind, actor_id, action, subject_kind, subject_id, learner_id, from_status, to_status,
    reason, note, version, request_id, cause_id, occurred_at, recorded_at
)
SELECT
    :organisation, asked.value ->> 1, 'user', :user, :action, 'learner_certification', r.id, r.learner_id,
    upper(r.status), CASE
        WHEN :mutation = 'revokeAccess' THEN 'REVOKED'
        WHEN :mutation = 'forceRecertification' OR c.is_recertification THEN 'RECERTIFYING'
        ELSE 'IN_PROGRESS'
    END, NULL, :note, r.version + 1, :request, NULL, :now, :now
FROM json_each(:rows) AS asked
JOIN learner_certifications AS r ON r.organisation_id = :organisation AND r.id = asked.value ->> 0
JOIN learners AS l ON l.organisation_id = :organisation AND l.id = r.learner_id
JOIN certifications AS s ON s.organisation_id = :organisation AND s.id = r.certification_id
LEFT JOIN certification_cycles AS c
    ON c.organisation_id = :organisation AND c.learner_certification_id = r.id AND c.closed_at IS NULL
WHERE l.status = 'active' AND r.archived_at IS NULL AND r.due_at > :now AND CASE :mutation
    WHEN 'overrideTraining' THEN r.status IN ('in_progress', 'pending_approval', 'recertifying') AND c.steps_open > 0
        AND c.exam_passed_at IS NULL AND NOT c.is_exam_waiting
    WHEN 'revokeAccess' THEN r.status IN (
        'not_started', 'in_progress', 'pending_approval', 'expired', 'lapsed', 'recertifying'
    )
    ELSE r.status IN ('certified', 'expired', 'lapsed') AND s.status = 'active'
END;
-- name: finish_steps
UPDATE step_progress SET status = 'done', is_overridden = 1, done_at = :now
WHERE organisation_id = :organisation AND status <> 'done' AND certification_cycle_id IN (
    SELECT c.id FROM json_each(:rows) AS asked JOIN certification_cycles AS c
        ON c.organisation_id = :organisation AND c.learner_certification_id = asked.value ->> 0 AND c.closed_at IS NULL
);
-- name: record_approvals
INSERT INTO history_entries (
    organisation_id, id, actor_kind, actor_id, action, subject_kind, subject_id, learner_id, from_status, to_status,
    reason, note, version, request_id, cause_id, occurred_at, recorded_at
)
SELECT
    :organisation, :milliseconds || '7' || substr(hex, 1, 3) || '8' || substr(hex, 4, 15), 'user', :user,
    'approval_' || :ending, 'approval', id, learner_id, 'PENDING', upper(:ending), NULL, NULL, version + 1, :request,
    cause, :now, :now
FROM (
    SELECT p.id, p.learner_id, p.version, asked.value ->> 1 AS cause, lower(hex(randomblob(9))) AS hex
    FROM json_each(:rows) AS asked
    JOIN certification_cycles AS c
        ON c.organisation_id = :organisation AND c.learner_certification_id = asked.value ->> 0 AND c.closed_at IS NULL
    JOIN approvals AS p ON p.organisation_id = :organisation AND p.learner_certification_id = asked.value ->> 0
        AND p.certification_cycle_id = c.id
    WHERE p.status = 'pending' AND (p.kind = 'evidence' OR :mutation = 'revokeAccess')
);
-- name: end_approvals
UPDATE approvals SET status = :ending, decided_at = :now, decided_by = :user, version = version + 1
WHERE organisation_id = :organisation AND status = 'pending' AND (kind = 'evidence' OR :mutation = 'revokeAccess')
    AND learner_certification_id IN (SELECT value ->> 0 FROM json_each(:rows));
-- name: override_training_cycles
UPDATE certification_cycles SET steps_open = 0, steps_waiting = 0
WHERE organisation_id = :organisation AND closed_at IS NULL
    AND learner_certification_id IN (SELECT value ->> 0 FROM json_each(:rows));
-- name: override_training
UPDATE learner_certifications
SET version = version + 1, status = iif(status = 'pending_approval', (
    SELECT iif(c.is_recertification, 'recertifying', 'in_progress') FROM certification_cycles AS c
    WHERE c.organisation_id = :organisation AND c.learner_certification_id = learner_certifications.id
        AND c.closed_at IS NULL
), status)
WHERE organisation_id = :organisation AND id IN (SELECT value ->> 0 FROM json_each(:rows))
    AND status IN ('in_progress', 'pending_approval', 'recertifying');
-- name: close_cycles
UPDATE certification_cycles SET closed_at = :now, outcome = 'revoked'
WHERE organisation_id = :organisation AND closed_at IS NULL
    AND learner_certification_id IN (SELECT value ->> 0 FROM json_each(:rows));
-- name: record_certificates
INSERT INTO history_entries (
    organisation_id, id, actor_kind, actor_id, action, subject_kind, subject_id, learner_id, from_status, to_status,
    reason, note, version, request_id, cause_id, occurred_at, recorded_at
)
SELECT
    :organisation, :milliseconds || '7' || substr(hex, 1, 3) || '8' || substr(hex, 4, 15), 'user', :user,
    'certificate_revoked', 'certificate', id, learner_id, upper(status), 'REVOKED', NULL, NULL, version + 1, :request,
    cause, :now, :now
FROM (
    SELECT h.id, h.status, h.version, r.learner_id, asked.value ->> 1 AS cause, lower(hex(randomblob(9))) AS hex
    FROM json_each(:rows) AS asked
    JOIN learner_certifications AS r ON r.organisation_id = :organisation AND r.id = asked.value ->> 0
    JOIN certificates AS h ON h.organisation_id = :organisation AND h.id = (
        SELECT id FROM certificates
        WHERE organisation_id = :organisation AND learner_certification_id = r.id
        ORDER BY issued_at DESC, id DESC LIMIT 1
    )
    WHERE h.status IN ('valid', 'expired')
);
-- name: revoke_certificates
UPDATE certificates
SET status = 'revoked', ended_at = :now, due_at = '9999-12-31T00:00:00.000000Z', version = version + 1
WHERE organisation_id = :organisation AND status IN ('valid', 'expired') AND id IN (
    SELECT (
        SELECT id FROM certificates
        WHERE organisation_id = :organisation AND learner_certification_id = asked.value ->> 0
        ORDER BY issued_at DESC, id DESC LIMIT 1
    )
    FROM json_each(:rows) AS asked
);
-- name: revoke_access
UPDATE learner_certifications
SET
    status = 'revoked', expires_at = NULL, lapses_at = NULL, window_opens_at = NULL,
    due_at = '9999-12-31T00:00:00.000000Z', version = version + 1
WHERE organisation_id = :organisation AND id IN (SELECT value ->> 0 FROM json_each(:rows))
    AND status IN ('not_started', 'in_progress', 'pending_approval', 'expired', 'lapsed', 'recertifying');
-- name: force_recertification
UPDATE learner_certifications
SET
    status = 'recertifying', expires_at = NULL, lapses_at = NULL, window_opens_at = NULL,
    due_at = '9999-12-31T00:00:00.000000Z', version = version + 1
WHERE organisation_id = :organisation AND id IN (SELECT value ->> 0 FROM json_each(:rows))
    AND status IN ('certified', 'expired', 'lapsed') AND due_at > :now;
-- name: open_cycles
INSERT INTO certification_cycles (
    organisation_id, id, learner_certification_id, certification_version_id, number, is_recertification, opened_at,
    fee_status, fee, steps_open, steps_waiting, attempts_used, attempts_granted, has_attempt_open, is_exam_waiting,
    is_exam_overridden
)
SELECT
    :organisation, asked.value ->> 2, r.id, v.id,
    (
        SELECT max(number) + 1 FROM certification_cycles
        WHERE organisation_id = :organisation AND learner_certification_id = r.id
    ),
    r.certified_at IS NOT NULL, :now, iif(v.recertification_fee IS NULL, 'not_required', 'unpaid'), v.recertification_fee,
    (
        SELECT count(*) FROM certification_steps
        WHERE organisation_id = :organisation AND certification_version_id = v.id
    ),
    0, 0, 0, 0, 0, 0
FROM json_each(:rows) AS asked
JOIN learner_certifications AS r ON r.organisation_id = :organisation AND r.id = asked.value ->> 0
JOIN certification_versions AS v ON v.organisation_id = :organisation AND v.id = (
    SELECT id FROM certification_versions
    WHERE organisation_id = :organisation AND certification_id = r.certification_id AND status = 'published'
    ORDER BY number DESC LIMIT 1
);
-- name: open_steps
INSERT INTO step_progress (organisation_id, id, certification_cycle_id, certification_step_id, status, is_overridden)
SELECT :organisation, :milliseconds || '7' || substr(hex, 1, 3) || '8' || substr(hex, 4, 15), cycle_id, step_id, 'open', 0
FROM (
    SELECT c.id AS cycle_id, s.id AS step_id, lower(hex(randomblob(9))) AS hex
    FROM json_each(:rows) AS asked
    JOIN certification_cycles AS c ON c.organisation_id = :organisation AND c.id = asked.value ->> 2
    JOIN certification_steps AS s
        ON s.organisation_id = :organisation AND s.certification_version_id = c.certification_version_id
);
-- name: store
UPDATE idempotency_keys
SET outcome = (
    SELECT '{"results":[' || group_concat('[' || asked.key || ',"' || (asked.value ->> 0) || '","changed",[]]', ',') || '],"errors":[]}'
    FROM json_each(:rows) AS asked
)
WHERE organisation_id = :organisation AND actor_id = :user AND mutation = :mutation AND key = :key;
-- name: read_back
SELECT group_concat(
    '{"index":' || asked.key || ',"id":"lct_' || r.id || '","outcome":"CHANGED","node":{"id":"lct_' || r.id
    || '","status":"' || upper(r.status) || '","version":' || r.version || '},"errors":[]}',
    ',' ORDER BY asked.key
)
FROM json_each(:rows) AS asked
JOIN learner_certifications AS r ON r.organisation_id = :organisation AND r.id = asked.value ->> 0;
