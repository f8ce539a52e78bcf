-- Q3. A row an enrolment, one more than the page has: the node as JSON text, then its key.
-- $1 organisation, $2 now, $3 the series
SELECT
    '{"id":"sen_' || encode(uuid_send(e.id), 'hex') || '","status":"' || upper(e.status) || '","enrolledAt":"'
    || to_char(e.enrolled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","withdrawnAt":'
    || coalesce('"' || to_char(e.withdrawn_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
    || ',"learner":{"id":"lrn_' || encode(uuid_send(l.id), 'hex') || '","givenName":' || to_json(l.given_name)
    || ',"familyName":' || to_json(l.family_name) || ',"email":' || to_json(l.email)
    || '},"series":{"id":"ser_' || encode(uuid_send(s.id), 'hex') || '","title":' || to_json(s.title)
    || '},"actions":[{"action":"WITHDRAW","available":' || CASE
        WHEN l.status = 'active' AND e.status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress')
            THEN 'true,"reasons":['
        WHEN l.status = 'active'
            THEN 'false,"reasons":[{"code":"STATUS_NOT_ALLOWED","message":"Withdrawing is not allowed at status '
                || upper(e.status) || '; it is at WAITING_TO_START, NOT_SIGNED_IN, NO_ATTEMPTS or IN_PROGRESS."}'
        ELSE 'false,"reasons":[{"code":"LEARNER_INACTIVE","message":"Withdrawing is closed while the learner is inactive, '
            || 'since an inactive learner is view-only. Reactivate the learner first."}' || CASE
            WHEN e.status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress') THEN ''
            ELSE ',{"code":"STATUS_NOT_ALLOWED","message":"Withdrawing is not allowed at status '
                || upper(e.status) || '; it is at WAITING_TO_START, NOT_SIGNED_IN, NO_ATTEMPTS or IN_PROGRESS."}'
        END
    END || ']},{"action":"EXTEND","available":' || CASE
        WHEN l.status = 'active' AND e.status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress')
            THEN 'true,"reasons":['
        WHEN l.status = 'active'
            THEN 'false,"reasons":[{"code":"STATUS_NOT_ALLOWED","message":"Extending is not allowed at status '
                || upper(e.status) || '; it is at WAITING_TO_START, NOT_SIGNED_IN, NO_ATTEMPTS or IN_PROGRESS."}'
        ELSE 'false,"reasons":[{"code":"LEARNER_INACTIVE","message":"Extending is closed while the learner is inactive, '
            || 'since an inactive learner is view-only. Reactivate the learner first."}' || CASE
            WHEN e.status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress') THEN ''
            ELSE ',{"code":"STATUS_NOT_ALLOWED","message":"Extending is not allowed at status '
                || upper(e.status) || '; it is at WAITING_TO_START, NOT_SIGNED_IN, NO_ATTEMPTS or IN_PROGRESS."}'
        END
    END || ']},{"action":"RECORD_ACTIVITY","available":' || CASE
        WHEN l.status = 'active' AND l.has_app_access AND e.status IN ('not_signed_in', 'no_attempts', 'in_progress')
            THEN 'true,"reasons":['
        ELSE 'false,"reasons":[' || substr(
            CASE
                WHEN l.status = 'active' THEN ''
                ELSE ',{"code":"LEARNER_INACTIVE","message":"Recording answers is closed while the learner is inactive, '
                    || 'since an inactive learner is view-only. Reactivate the learner first."}'
            END || CASE
                WHEN e.status IN ('not_signed_in', 'no_attempts', 'in_progress') THEN ''
                ELSE ',{"code":"STATUS_NOT_ALLOWED","message":"Recording answers is not allowed at status '
                    || upper(e.status) || '; it is at NOT_SIGNED_IN, NO_ATTEMPTS or IN_PROGRESS."}'
            END || CASE
                WHEN l.has_app_access THEN ''
                ELSE ',{"code":"APP_ACCESS_OFF","message":"The learner''s app access is off. Switch it on first."}'
            END,
            2
        )
    END || ']}]}',
    encode(uuid_send(e.id), 'hex')
FROM (
    SELECT
        id, learner_id, series_id, enrolled_at, withdrawn_at,
        CASE
            WHEN due_at > $2 THEN status
            WHEN status = 'waiting_to_start' AND ends_at <= $2
                THEN CASE WHEN has_signed_in THEN 'did_not_start' ELSE 'never_signed_in' END
            WHEN status = 'waiting_to_start' THEN CASE WHEN has_signed_in THEN 'no_attempts' ELSE 'not_signed_in' END
            WHEN status = 'not_signed_in' THEN 'never_signed_in'
            WHEN status = 'no_attempts' THEN 'did_not_start'
            WHEN status = 'in_progress' THEN 'incomplete'
            ELSE status
        END AS status
    FROM series_enrolments
    WHERE organisation_id = $1::uuid AND series_id = $3::uuid
    ORDER BY id
    LIMIT 1001
) AS e
JOIN learners AS l ON l.organisation_id = $1::uuid AND l.id = e.learner_id
JOIN series AS s ON s.organisation_id = $1::uuid AND s.id = e.series_id
ORDER BY e.id
