-- M1, in one transaction.
-- name: role
-- $1 organisation, $2 user
SELECT role FROM roles WHERE organisation_id = $1::uuid AND user_id = $2::uuid;
-- name: claim
-- $1 organisation, $2 user, $3 key, $4 hash, $5 now, $6 expires at
INSERT INTO idempotency_keys (organisation_id, actor_id, mutation, key, input_hash, outcome, created_at, expires_at)
VALUES ($1::uuid, $2::uuid, 'withdrawSeriesEnrolments', $3, $4, NULL, $5, $6)
ON CONFLICT (organisation_id, actor_id, mutation, key) DO UPDATE
SET input_hash = excluded.input_hash, outcome = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE idempotency_keys.expires_at <= excluded.created_at;
-- name: lock
-- $1 organisation, $2 ids
SELECT id FROM learners
WHERE organisation_id = $1::uuid AND id IN (
    SELECT learner_id FROM series_enrolments WHERE organisation_id = $1::uuid AND id = ANY ($2::uuid[])
)
ORDER BY id
FOR NO KEY UPDATE;
-- name: record
-- $1 organisation, $2 user, $3 ids, $4 now, $5 reason, $6 note, $7 request
INSERT INTO history_entries (
    organisation_id, id, actor_kind, actor_id, action, subject_kind, subject_id, learner_id, from_status, to_status,
    reason, note, version, request_id, cause_id, occurred_at, recorded_at
)
SELECT
    $1::uuid, uuidv7(), 'user', $2::uuid, 'series_enrolment_withdrawn', 'series_enrolment', e.id, e.learner_id,
    upper(e.status), 'WITHDRAWN', $5, $6, e.version + 1, $7, NULL, $4, $4
FROM series_enrolments AS e
JOIN learners AS l ON l.organisation_id = $1::uuid AND l.id = e.learner_id
WHERE e.organisation_id = $1::uuid AND e.id = ANY ($3::uuid[]) AND e.due_at > $4
    AND e.status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress') AND l.status = 'active';
-- name: withdraw
-- $1 organisation, $2 ids, $3 now, $4 reason, $5 note
UPDATE series_enrolments
SET
    status = 'withdrawn', withdrawn_at = $3, withdrawal_reason = lower($4), withdrawal_note = $5,
    due_at = '9999-12-31T00:00:00Z', version = version + 1
WHERE organisation_id = $1::uuid AND id = ANY ($2::uuid[]) AND due_at > $3
    AND status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress');
-- name: store
-- $1 organisation, $2 user, $3 key, $4 ids
UPDATE idempotency_keys
SET outcome = (
    SELECT '{"results":[' || string_agg(
        '[' || asked.place - 1 || ',"' || encode(uuid_send(asked.id), 'hex') || '","changed",[]]', ',' ORDER BY asked.place
    ) || '],"errors":[]}'
    FROM unnest($4::uuid[]) WITH ORDINALITY AS asked (id, place)
)
WHERE organisation_id = $1::uuid AND actor_id = $2::uuid AND mutation = 'withdrawSeriesEnrolments' AND key = $3;
-- name: read_back
-- $1 organisation, $2 ids
SELECT string_agg(
    '{"index":' || asked.place - 1 || ',"id":"sen_' || encode(uuid_send(e.id), 'hex') || '","outcome":"CHANGED","node":{"id":"sen_'
    || encode(uuid_send(e.id), 'hex') || '","status":"' || upper(e.status) || '"},"errors":[]}',
    ',' ORDER BY asked.place
)
FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (id, place)
JOIN series_enrolments AS e ON e.organisation_id = $1::uuid AND e.id = asked.id;
