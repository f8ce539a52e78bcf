-- Q5. One row: the certification, how many learners it has, whether another page follows, the page's nodes, what awaits a
-- decision, who stands where; then what the page's cursor is made of.
WITH held AS MATERIALIZED (
    SELECT
        h.id, h.learner_id, h.enrolled_at, h.expires_at,
        CASE
            WHEN h.due_at > :now THEN h.status
            WHEN h.status = 'certified' AND h.lapses_at > :now THEN 'expired'
            ELSE 'lapsed'
        END AS status
    FROM learner_certifications AS h
    WHERE h.organisation_id = :organisation AND h.certification_id = :id AND h.archived_at IS NULL
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
        JOIN learners AS l ON l.organisation_id = :organisation AND l.id = held.learner_id
        ORDER BY l.family_name_key, l.given_name_key, held.id
        LIMIT 51
    ) AS first
)
SELECT
    crt.id,
    json_quote(crt.title),
    (SELECT coalesce(sum(everyone), 0) FROM standing),
    (SELECT CASE WHEN count(*) > 50 THEN 'true' ELSE 'false' END FROM page),
    (
        SELECT group_concat(
            '{"id":"lct_' || page.id || '","status":"' || upper(page.status) || '","enrolledAt":'
            || coalesce('"' || page.enrolled_at || '"', 'null')
            || ',"expiresAt":'
            || coalesce('"' || page.expires_at || '"', 'null')
            || ',"isPaymentWaived":' || CASE WHEN c.fee_status = 'waived' THEN 'true' ELSE 'false' END
            || ',"learner":{"id":"lrn_' || page.learner_id || '","givenName":'
            || json_quote(page.given_name) || ',"familyName":' || json_quote(page.family_name) || ',"status":"'
            || upper(page.learner_status) || '"},"cycle":' || coalesce(
                '{"id":"ccy_' || c.id || '","feeStatus":"' || upper(c.fee_status) || '"}', 'null'
            ) || ',"certificate":' || coalesce(
                '{"id":"cer_' || k.id || '","expiresAt":' || coalesce(
                    '"' || k.expires_at || '"', 'null'
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
                    WHERE a.organisation_id = :organisation AND a.learner_certification_id = page.id
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
            ON c.organisation_id = :organisation AND c.learner_certification_id = page.id AND c.closed_at IS NULL
        LEFT JOIN certification_versions AS v ON v.organisation_id = :organisation AND v.id = c.certification_version_id
        LEFT JOIN certificates AS k
            ON k.organisation_id = :organisation AND k.learner_certification_id = page.id AND k.status = 'valid'
            AND (k.due_at > :now OR k.expires_at > :now)
        WHERE page.place <= 50
    ),
    (
        SELECT count(*) FROM approvals
        WHERE organisation_id = :organisation AND certification_id = :id AND status = 'pending'
    ),
    (
        SELECT coalesce(group_concat(
            '{"id":"apr_' || p.id || '","kind":"' || upper(p.kind) || '","requestedAt":"'
            || p.requested_at || '","learner":{"id":"lrn_'
            || l.id || '","givenName":' || json_quote(l.given_name) || ',"familyName":'
            || json_quote(l.family_name) || '}}',
            ',' ORDER BY p.requested_at, p.id
        ), '')
        FROM (
            SELECT id, kind, requested_at, learner_id
            FROM approvals
            WHERE organisation_id = :organisation AND certification_id = :id AND status = 'pending'
            ORDER BY requested_at, id
            LIMIT 10
        ) AS p
        JOIN learners AS l ON l.organisation_id = :organisation AND l.id = p.learner_id
    ),
    (SELECT coalesce(sum(everyone), 0) FROM standing),
    (
        SELECT coalesce(group_concat(
            '{"status":"' || upper(status) || '","count":' || everyone || '}', ',' ORDER BY everyone DESC, status
        ), '')
        FROM standing
    ),
    last.family_name_key,
    last.given_name_key,
    last.id
FROM certifications AS crt
CROSS JOIN (
    SELECT family_name_key, given_name_key, id FROM page WHERE place <= 50 ORDER BY place DESC LIMIT 1
) AS last
CROSS JOIN (
    SELECT EXISTS (
        SELECT 1 FROM certifications AS c
        JOIN certification_versions AS v ON v.organisation_id = :organisation AND v.certification_id = c.id
        WHERE c.organisation_id = :organisation AND c.id = :id AND c.status = 'active' AND v.status = 'published'
    ) AS is_so
) AS in_use
WHERE crt.organisation_id = :organisation AND crt.id = :id
