-- M1, after BEGIN IMMEDIATE.
-- name: role
SELECT role FROM roles WHERE organisation_id = :organisation AND user_id = :user;
-- name: claim
INSERT INTO idempotency_keys (organisation_id, actor_id, mutation, key, input_hash, outcome, created_at, expires_at)
VALUES (:organisation, :user, 'withdrawSeriesEnrolments', :key, :hash, NULL, :now, :expires_at)
ON CONFLICT (organisation_id, actor_id, mutation, key) DO UPDATE
SET input_hash = excluded.input_hash, outcome = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE expires_at <= excluded.created_at;
-- name: record
INSERT INTO history_entries (
    organisation_id, id, actor_kind, actor_id, action, subject_kind, subject_id, learner_id, from_status, to_status,
    reason, note, version, request_id, cause_id, occurred_at, recorded_at
)
SELECT
    :organisation, :milliseconds || '7' || substr(hex, 1, 3) || '8' || substr(hex, 4, 15), 'user', :user,
    'series_enrolment_withdrawn', 'series_enrolment', id, learner_id, upper(status), 'WITHDRAWN',
    :reason, :note, version + 1, :request, NULL, :now, :now
FROM (
    SELECT e.id, e.learner_id, e.status, e.version, lower(hex(randomblob(9))) AS hex
    FROM series_enrolments AS e
    JOIN learners AS l ON l.organisation_id = :organisation AND l.id = e.learner_id
    WHERE e.organisation_id = :organisation AND e.id IN (SELECT value FROM json_each(:ids)) AND e.due_at > :now
        AND e.status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress') AND l.status = 'active'
);
-- name: withdraw
UPDATE series_enrolments
SET
    status = 'withdrawn', withdrawn_at = :now, withdrawal_reason = lower(:reason), withdrawal_note = :note,
    due_at = '9999-12-31T00:00:00.000000Z', version = version + 1
WHERE organisation_id = :organisation AND id IN (SELECT value FROM json_each(:ids)) AND due_at > :now
    AND status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress');
-- name: store
UPDATE idempotency_keys
SET outcome = (
    SELECT '{"results":[' || group_concat('[' || asked.key || ',"' || asked.value || '","changed",[]]', ',') || '],"errors":[]}'
    FROM json_each(:ids) AS asked
)
WHERE organisation_id = :organisation AND actor_id = :user AND mutation = 'withdrawSeriesEnrolments' AND key = :key;
-- name: read_back
SELECT group_concat(
    '{"index":' || asked.key || ',"id":"sen_' || e.id || '","outcome":"CHANGED","node":{"id":"sen_' || e.id
    || '","status":"' || upper(e.status) || '"},"errors":[]}',
    ',' ORDER BY asked.key
)
FROM json_each(:ids) AS asked
JOIN series_enrolments AS e ON e.organisation_id = :organisation AND e.id = asked.value;
