-- Q3. A row an enrolment, one more than the page has: the node as JSON text, then its key.
SELECT
    '{"id":"sen_' || e.id || '","status":"' || upper(e.status) || '","enrolledAt":"' || e.enrolled_at
    || '","withdrawnAt":' || coalesce('"' || e.withdrawn_at || '"', 'null')
    || ',"learner":{"id":"lrn_' || l.id || '","givenName":' || json_quote(l.given_name)
    || ',"familyName":' || json_quote(l.family_name) || ',"email":' || json_quote(l.email)
    || '},"series":{"id":"ser_' || s.id || '","title":' || json_quote(s.title)
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
    e.id
FROM (
    SELECT
        id, learner_id, series_id, enrolled_at, withdrawn_at,
        CASE
            WHEN due_at > :now THEN status
            WHEN status = 'waiting_to_start' AND ends_at <= :now THEN iif(has_signed_in, 'did_not_start', 'never_signed_in')
            WHEN status = 'waiting_to_start' THEN iif(has_signed_in, 'no_attempts', 'not_signed_in')
            WHEN status = 'not_signed_in' THEN 'never_signed_in'
            WHEN status = 'no_attempts' THEN 'did_not_start'
            WHEN status = 'in_progress' THEN 'incomplete'
            ELSE status
        END AS status
    FROM series_enrolments
    WHERE organisation_id = :organisation AND series_id = :series
    ORDER BY id
    LIMIT 1001
) AS e
JOIN learners AS l ON l.organisation_id = :organisation AND l.id = e.learner_id
JOIN series AS s ON s.organisation_id = :organisation AND s.id = e.series_id
ORDER BY e.id
