-- Q2. One row: the learner as JSON text; none where the viewer does not see them.
-- $1 organisation, $2 the viewer's learner, $3 now, $4 the learner asked for
SELECT
    '{"id":"lrn_' || encode(uuid_send(l.id), 'hex') || '","externalRef":' || to_json(l.external_ref)
    || ',"givenName":' || to_json(l.given_name) || ',"familyName":' || to_json(l.family_name)
    || ',"email":' || to_json(l.email) || ',"status":"' || upper(l.status) || '","lastActivityAt":' || coalesce('"' || to_char(l.last_activity_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
    || ',"notices":' || CASE WHEN l.status = 'active' THEN '[]' ELSE '[{"code":"INACTIVE","message":'
        || '"This learner is inactive: the record and all that belongs to it can be read, downloaded and exported, but not changed. To change anything, have an Owner or Admin reactivate the learner first.","since":"'
        || to_char(l.deactivated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}]' END
    || ',"hasAppAccess":' || l.has_app_access
    || ',"firstSignedInAt":'
    || coalesce('"' || to_char(l.first_signed_in_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
    || ',"createdAt":"' || to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    || '","manager":' || coalesce(
        (
            SELECT
                '{"id":"lrn_' || encode(uuid_send(m.id), 'hex') || '","givenName":' || to_json(m.given_name)
                || ',"familyName":' || to_json(m.family_name) || '}'
            FROM learners AS m
            WHERE m.organisation_id = $1::uuid AND m.id = l.manager_id AND (m.id = $2::uuid OR EXISTS (
                SELECT 1 FROM reporting_lines AS r
                WHERE r.organisation_id = $1::uuid AND r.manager_id = $2::uuid AND r.learner_id = m.id
            ))
        ),
        'null'
    ) || ',"seriesEnrolments":{"nodes":[' || coalesce(latest.nodes, '') || '],"totalCount":'
    || (SELECT count(*) FROM series_enrolments AS e WHERE e.organisation_id = $1::uuid AND e.learner_id = l.id) || '}}'
FROM learners AS l
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
        || '","startsAt":"' || to_char(e.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","endsAt":"' || to_char(e.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","masteredAt":'
        || coalesce('"' || to_char(e.mastered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
        || ',"withdrawnAt":'
        || coalesce('"' || to_char(e.withdrawn_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
        || ',"withdrawalReason":' || coalesce('"' || upper(e.withdrawal_reason) || '"', 'null')
        || ',"series":' || coalesce(
            '{"id":"ser_' || encode(uuid_send(s.id), 'hex') || '","title":' || to_json(s.title)
            || ',"type":"' || upper(s.type) || '"}',
            'null'
        ) || ',"actions":[{"action":"WITHDRAW","available":false},{"action":"EXTEND","available":false},{"action":"RECORD_ACTIVITY","available":false}]}',
        ',' ORDER BY e.enrolled_at DESC, e.id DESC
    ) AS nodes
    FROM (
        SELECT *
        FROM series_enrolments
        WHERE organisation_id = $1::uuid AND learner_id = l.id
        ORDER BY enrolled_at DESC, id DESC
        LIMIT 10
    ) AS e
    LEFT JOIN series AS s ON s.organisation_id = $1::uuid AND s.id = e.series_id AND s.status = 'active'
) AS latest
WHERE l.organisation_id = $1::uuid AND l.id = $4::uuid AND (l.id = $2::uuid OR EXISTS (
    SELECT 1 FROM reporting_lines AS r
    WHERE r.organisation_id = $1::uuid AND r.manager_id = $2::uuid AND r.learner_id = l.id
))
