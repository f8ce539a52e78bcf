-- Q5. One row: the certification, how many learners it has, whether another page follows, the page's nodes, what awaits a
-- decision, who stands where; then what the page's cursor is made of.
-- $1 organisation, $2 now, $3 the certification
WITH held AS MATERIALIZED (
    SELECT
        h.id, h.learner_id, h.enrolled_at, h.expires_at,
        CASE
            WHEN h.due_at > $2 THEN h.status
            WHEN h.status = 'certified' AND h.lapses_at > $2 THEN 'expired'
            ELSE 'lapsed'
        END AS status
    FROM learner_certifications AS h
    WHERE h.organisation_id = $1::uuid AND h.certification_id = $3::uuid AND h.archived_at IS NULL
),
standing AS MATERIALIZED (
    SELECT status, count(*) AS everyone FROM held GROUP BY status
),
page AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY family_name_key, given_name_key, id) AS place, first.*
    FROM (
        SELECT
            held.*, l.given_name, l.family_name, l.given_name_key, l.family_name_key, l.status AS learner_status
        FROM held
        JOIN learners AS l ON l.organisation_id = $1::uuid AND l.id = held.learner_id
        ORDER BY l.family_name_key, l.given_name_key, held.id
        LIMIT 51
    ) AS first
)
SELECT
    encode(uuid_send(crt.id), 'hex'),
    to_json(crt.title)::text,
    (SELECT coalesce(sum(everyone), 0)::text FROM standing),
    (SELECT CASE WHEN count(*) > 50 THEN 'true' ELSE 'false' END FROM page),
    (
        SELECT string_agg(
            '{"id":"lct_' || encode(uuid_send(page.id), 'hex') || '","status":"' || upper(page.status) || '","enrolledAt":'
            || coalesce('"' || to_char(page.enrolled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
            || ',"expiresAt":'
            || coalesce('"' || to_char(page.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
            || ',"isPaymentWaived":' || CASE WHEN c.fee_status = 'waived' THEN 'true' ELSE 'false' END
            || ',"learner":{"id":"lrn_' || encode(uuid_send(page.learner_id), 'hex') || '","givenName":'
            || to_json(page.given_name) || ',"familyName":' || to_json(page.family_name) || ',"status":"'
            || upper(page.learner_status) || '"},"cycle":' || coalesce(
                '{"id":"ccy_' || encode(uuid_send(c.id), 'hex') || '","feeStatus":"' || upper(c.fee_status) || '"}', 'null'
            ) || ',"certificate":' || coalesce(
                '{"id":"cer_' || encode(uuid_send(k.id), 'hex') || '","expiresAt":' || coalesce(
                    '"' || to_char(k.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null'
                ) || '}',
                'null'
            ) || ',"actions":[{"action":"OVERRIDE_PAYMENT","available":' || CASE
                WHEN page.learner_status = 'active' AND c.fee_status = 'unpaid' AND (
                    page.status IN ('not_started', 'recertifying') OR page.status = 'in_progress' AND c.attempts_used = 0
                ) THEN 'true' ELSE 'false'
            END || '},{"action":"OVERRIDE_TRAINING","available":' || CASE
                WHEN page.learner_status = 'active' AND page.status IN ('in_progress', 'pending_approval', 'recertifying')
                    AND c.steps_open > 0 THEN 'true' ELSE 'false'
            END || '},{"action":"OVERRIDE_EXAM","available":' || CASE
                WHEN page.learner_status = 'active' AND page.status IN ('in_progress', 'pending_approval', 'recertifying')
                    AND c.exam_passed_at IS NULL THEN 'true' ELSE 'false'
            END || '},{"action":"REVOKE_ACCESS","available":' || CASE
                WHEN page.learner_status = 'active'
                    AND page.status IN ('not_started', 'in_progress', 'pending_approval', 'expired', 'lapsed', 'recertifying')
                    THEN 'true' ELSE 'false'
            END || '},{"action":"FORCE_RECERTIFICATION","available":' || CASE
                WHEN page.learner_status = 'active' AND page.status IN ('certified', 'expired', 'lapsed') AND in_use.is_so
                    THEN 'true' ELSE 'false'
            END || '},{"action":"PERMANENTLY_REVOKE","available":' || CASE
                WHEN page.learner_status = 'active' AND page.status = 'certified' THEN 'true' ELSE 'false'
            END || '},{"action":"RESTORE_ACCESS","available":' || CASE
                WHEN page.learner_status = 'active' AND page.status IN ('revoked', 'disallowed') AND in_use.is_so
                    THEN 'true' ELSE 'false'
            END || '},{"action":"REMOVE_ASSIGNMENT","available":' || CASE
                WHEN page.learner_status = 'active' AND (
                    page.status = 'assigned'
                    OR page.status = 'not_started' AND coalesce(c.attempts_used, 0) = 0 AND coalesce(c.fee_status, '') <> 'paid'
                ) AND EXISTS (
                    SELECT 1 FROM assignment_sources AS a
                    WHERE a.organisation_id = $1::uuid AND a.learner_certification_id = page.id
                        AND a.kind = 'manual' AND a.ended_at IS NULL
                ) THEN 'true' ELSE 'false'
            END || '},{"action":"RECORD_STEP_COMPLETION","available":' || CASE
                WHEN page.learner_status = 'active' AND page.status IN ('in_progress', 'pending_approval', 'recertifying')
                    THEN 'true' ELSE 'false'
            END || '},{"action":"RECORD_EXAM_RESULT","available":' || CASE
                WHEN page.learner_status = 'active' AND page.status IN ('in_progress', 'pending_approval', 'recertifying')
                    AND c.exam_passed_at IS NULL AND NOT c.is_exam_waiting AND (
                        c.has_attempt_open OR v.attempt_limit IS NULL OR c.attempts_used < v.attempt_limit + c.attempts_granted
                    ) THEN 'true' ELSE 'false'
            END || '},{"action":"RECORD_PAYMENT","available":' || CASE
                WHEN page.learner_status = 'active' AND c.fee_status = 'unpaid'
                    AND page.status IN ('not_started', 'in_progress', 'pending_approval', 'recertifying')
                    THEN 'true' ELSE 'false'
            END || '},{"action":"ENROL","available":false},{"action":"START","available":false},'
            || '{"action":"SUBMIT_EVIDENCE","available":false},{"action":"START_EXAM","available":false},'
            || '{"action":"START_RECERTIFICATION","available":false},{"action":"REQUEST_MORE_ATTEMPTS","available":false}]}',
            ',' ORDER BY page.place
        )
        FROM page
        LEFT JOIN certification_cycles AS c
            ON c.organisation_id = $1::uuid AND c.learner_certification_id = page.id AND c.closed_at IS NULL
        LEFT JOIN certification_versions AS v ON v.organisation_id = $1::uuid AND v.id = c.certification_version_id
        LEFT JOIN certificates AS k
            ON k.organisation_id = $1::uuid AND k.learner_certification_id = page.id AND k.status = 'valid'
            AND (k.due_at > $2 OR k.expires_at > $2)
        WHERE page.place <= 50
    ),
    (
        SELECT count(*)::text FROM approvals
        WHERE organisation_id = $1::uuid AND certification_id = $3::uuid AND status = 'pending'
    ),
    (
        SELECT coalesce(string_agg(
            '{"id":"apr_' || encode(uuid_send(p.id), 'hex') || '","kind":"' || upper(p.kind) || '","requestedAt":"'
            || to_char(p.requested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","learner":{"id":"lrn_'
            || encode(uuid_send(l.id), 'hex') || '","givenName":' || to_json(l.given_name) || ',"familyName":'
            || to_json(l.family_name) || '}}',
            ',' ORDER BY p.requested_at, p.id
        ), '')
        FROM (
            SELECT id, kind, requested_at, learner_id
            FROM approvals
            WHERE organisation_id = $1::uuid AND certification_id = $3::uuid AND status = 'pending'
            ORDER BY requested_at, id
            LIMIT 10
        ) AS p
        JOIN learners AS l ON l.organisation_id = $1::uuid AND l.id = p.learner_id
    ),
    (SELECT coalesce(sum(everyone), 0)::text FROM standing),
    (
        SELECT coalesce(string_agg(
            '{"status":"' || upper(status) || '","count":' || everyone || '}', ',' ORDER BY everyone DESC, status
        ), '')
        FROM standing
    ),
    last.family_name_key,
    last.given_name_key,
    encode(uuid_send(last.id), 'hex')
FROM certifications AS crt
CROSS JOIN (
    SELECT family_name_key, given_name_key, id FROM page WHERE place <= 50 ORDER BY place DESC LIMIT 1
) AS last
CROSS JOIN (
    SELECT EXISTS (
        SELECT 1 FROM certifications AS c
        JOIN certification_versions AS v ON v.organisation_id = $1::uuid AND v.certification_id = c.id
        WHERE c.organisation_id = $1::uuid AND c.id = $3::uuid AND c.status = 'active' AND v.status = 'published'
    ) AS is_so
) AS in_use
WHERE crt.organisation_id = $1::uuid AND crt.id = $3::uuid
