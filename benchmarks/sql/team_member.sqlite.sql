-- Q2. One row: the learner as JSON text; null where the viewer does not see them.
SELECT
    '{"id":"lrn_' || l.id || '","externalRef":' || json_quote(l.external_ref) || ',"givenName":' || json_quote(l.given_name)
    || ',"familyName":' || json_quote(l.family_name) || ',"email":' || json_quote(l.email) || ',"status":"' || upper(l.status)
    || '","lastActivityAt":' || coalesce('"' || l.last_activity_at || '"', 'null')
    || ',"notices":' || iif(l.status = 'active', '[]', '[{"code":"INACTIVE","message":'
        || '"This learner is inactive: the record and all that belongs to it can be read, downloaded and exported, but not changed. To change anything, have an Owner or Admin reactivate the learner first.","since":"'
        || l.deactivated_at || '"}]')
    || ',"hasAppAccess":' || iif(l.has_app_access, 'true', 'false')
    || ',"firstSignedInAt":' || coalesce('"' || l.first_signed_in_at || '"', 'null') || ',"createdAt":"' || l.created_at
    || '","manager":' || coalesce(
        (
            SELECT
                '{"id":"lrn_' || m.id || '","givenName":' || json_quote(m.given_name)
                || ',"familyName":' || json_quote(m.family_name) || '}'
            FROM learners AS m
            WHERE m.organisation_id = :organisation AND m.id = l.manager_id AND (m.id = :learner OR EXISTS (
                SELECT 1 FROM reporting_lines AS r
                WHERE r.organisation_id = :organisation AND r.manager_id = :learner AND r.learner_id = m.id
            ))
        ),
        'null'
    ) || ',"seriesEnrolments":{"nodes":[' || coalesce(
        (
            SELECT group_concat(node, ',')
            FROM (
                SELECT
                    '{"id":"sen_' || e.id || '","status":"' || upper(CASE
                        WHEN e.due_at > :now THEN e.status
                        WHEN e.status = 'waiting_to_start' AND e.ends_at <= :now
                            THEN iif(e.has_signed_in, 'did_not_start', 'never_signed_in')
                        WHEN e.status = 'waiting_to_start' THEN iif(e.has_signed_in, 'no_attempts', 'not_signed_in')
                        WHEN e.status = 'not_signed_in' THEN 'never_signed_in'
                        WHEN e.status = 'no_attempts' THEN 'did_not_start'
                        WHEN e.status = 'in_progress' THEN 'incomplete'
                        ELSE e.status
                    END) || '","enrolledAt":"' || e.enrolled_at || '","startsAt":"' || e.starts_at
                    || '","endsAt":"' || e.ends_at || '","masteredAt":' || coalesce('"' || e.mastered_at || '"', 'null')
                    || ',"withdrawnAt":' || coalesce('"' || e.withdrawn_at || '"', 'null')
                    || ',"withdrawalReason":' || coalesce('"' || upper(e.withdrawal_reason) || '"', 'null')
                    || ',"series":' || coalesce(
                        '{"id":"ser_' || s.id || '","title":' || json_quote(s.title) || ',"type":"' || upper(s.type) || '"}',
                        'null'
                    ) || ',"actions":[{"action":"WITHDRAW","available":false},{"action":"EXTEND","available":false},{"action":"RECORD_ACTIVITY","available":false}]}' AS node
                FROM series_enrolments AS e
                LEFT JOIN series AS s ON s.organisation_id = e.organisation_id AND s.id = e.series_id AND s.status = 'active'
                WHERE e.organisation_id = :organisation AND e.learner_id = l.id
                ORDER BY e.enrolled_at DESC, e.id DESC
                LIMIT 10
            )
        ),
        ''
    ) || '],"totalCount":'
    || (SELECT count(*) FROM series_enrolments AS e WHERE e.organisation_id = :organisation AND e.learner_id = l.id) || '}}'
FROM learners AS l
WHERE l.organisation_id = :organisation AND l.id = :id AND (l.id = :learner OR EXISTS (
    SELECT 1 FROM reporting_lines AS r
    WHERE r.organisation_id = :organisation AND r.manager_id = :learner AND r.learner_id = l.id
))
