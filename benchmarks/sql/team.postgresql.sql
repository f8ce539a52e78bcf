-- Q1. A row a learner, one more than the page has: the node as JSON text, then what its cursor is made of.
-- $1 organisation, $2 the viewer's learner, $3 now
SELECT
    '{"id":"lrn_' || encode(uuid_send(page.id), 'hex') || '","givenName":' || to_json(page.given_name)
    || ',"familyName":' || to_json(page.family_name) || ',"email":' || to_json(page.email)
    || ',"status":"' || upper(page.status) || '","lastActivityAt":' || coalesce('"' || to_char(page.last_activity_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
    || ',"notices":' || CASE WHEN page.status = 'active' THEN '[]' ELSE '[{"code":"INACTIVE","message":'
        || '"This learner is inactive: the record and all that belongs to it can be read, downloaded and exported, but not changed. To change anything, have an Owner or Admin reactivate the learner first.","since":"'
        || to_char(page.deactivated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}]' END
    || ',"seriesEnrolments":{"nodes":[' || coalesce(latest.nodes, '') || ']},"certifications":{"nodes":['
    || coalesce(soonest.nodes, '') || ']}}',
    page.family_name_key,
    page.given_name_key,
    encode(uuid_send(page.id), 'hex')
FROM (
    SELECT id, given_name, family_name, email, status, last_activity_at, deactivated_at, family_name_key, given_name_key
    FROM learners
    WHERE organisation_id = $1::uuid AND (id = $2::uuid OR EXISTS (
        SELECT 1 FROM reporting_lines AS r
        WHERE r.organisation_id = $1::uuid AND r.manager_id = $2::uuid AND r.learner_id = learners.id
    ))
    ORDER BY family_name_key, given_name_key, id
    LIMIT 51
) AS page
CROSS JOIN LATERAL (
    SELECT string_agg(
        '{"id":"sen_' || encode(uuid_send(e.id), 'hex') || '","status":"' || upper(CASE
            WHEN e.due_at > $3 THEN e.status
            WHEN e.status = 'waiting_to_start' AND e.ends_at <= $3
                THEN CASE WHEN e.has_signed_in THEN 'did_not_start' ELSE 'never_signed_in' END
            WHEN e.status = 'waiting_to_start' THEN CASE WHEN e.has_signed_in THEN 'no_attempts' ELSE 'not_signed_in' END
            WHEN e.status = 'not_signed_in' THEN 'never_signed_in'
            WHEN e.status = 'no_attempts' THEN 'did_not_start'
            WHEN e.status = 'in_progress' THEN 'incomplete'
            ELSE e.status
        END) || '","enrolledAt":"' || to_char(e.enrolled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","endsAt":"' || to_char(e.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","series":'
        || coalesce('{"id":"ser_' || encode(uuid_send(s.id), 'hex') || '","title":' || to_json(s.title) || '}', 'null') || '}',
        ',' ORDER BY e.enrolled_at DESC, e.id DESC
    ) AS nodes
    FROM (
        SELECT id, status, due_at, starts_at, ends_at, has_signed_in, enrolled_at, series_id
        FROM series_enrolments
        WHERE organisation_id = $1::uuid AND learner_id = page.id
        ORDER BY enrolled_at DESC, id DESC
        LIMIT 5
    ) AS e
    LEFT JOIN series AS s ON s.organisation_id = $1::uuid AND s.id = e.series_id AND s.status = 'active'
) AS latest
CROSS JOIN LATERAL (
    SELECT string_agg(
        '{"id":"lct_' || encode(uuid_send(e.id), 'hex') || '","status":"' || upper(CASE
            WHEN e.due_at > $3 THEN e.status
            WHEN e.status = 'certified' AND e.lapses_at > $3 THEN 'expired'
            ELSE 'lapsed'
        END) || '","expiresAt":'
        || coalesce('"' || to_char(e.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
        || ',"certification":'
        || coalesce('{"id":"crt_' || encode(uuid_send(s.id), 'hex') || '","title":' || to_json(s.title) || '}', 'null') || '}',
        ',' ORDER BY coalesce(e.expires_at, '9999-12-31T00:00:00Z'), e.id
    ) AS nodes
    FROM (
        SELECT id, status, due_at, expires_at, lapses_at, certification_id
        FROM learner_certifications
        WHERE organisation_id = $1::uuid AND learner_id = page.id AND archived_at IS NULL
        ORDER BY coalesce(expires_at, '9999-12-31T00:00:00Z'), id
        LIMIT 5
    ) AS e
    LEFT JOIN certifications AS s ON s.organisation_id = $1::uuid AND s.id = e.certification_id AND s.status = 'active'
) AS soonest
ORDER BY page.family_name_key, page.given_name_key, page.id
