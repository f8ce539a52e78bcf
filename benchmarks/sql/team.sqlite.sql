-- Q1. A row a learner, one more than the page has: the node as JSON text, then what its cursor is made of.
SELECT
    '{"id":"lrn_' || learners.id || '","givenName":' || json_quote(given_name) || ',"familyName":' || json_quote(family_name)
    || ',"email":' || json_quote(email) || ',"status":"' || upper(learners.status) || '","lastActivityAt":' || coalesce('"' || learners.last_activity_at || '"', 'null')
    || ',"notices":' || iif(learners.status = 'active', '[]', '[{"code":"INACTIVE","message":'
        || '"This learner is inactive: the record and all that belongs to it can be read, downloaded and exported, but not changed. To change anything, have an Owner or Admin reactivate the learner first.","since":"'
        || learners.deactivated_at || '"}]')
    || ',"seriesEnrolments":{"nodes":[' || coalesce(
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
                    END) || '","enrolledAt":"' || e.enrolled_at || '","endsAt":"' || e.ends_at || '","series":'
                    || coalesce('{"id":"ser_' || s.id || '","title":' || json_quote(s.title) || '}', 'null') || '}' AS node
                FROM series_enrolments AS e
                LEFT JOIN series AS s ON s.organisation_id = e.organisation_id AND s.id = e.series_id AND s.status = 'active'
                WHERE e.organisation_id = :organisation AND e.learner_id = learners.id
                ORDER BY e.enrolled_at DESC, e.id DESC
                LIMIT 5
            )
        ),
        ''
    ) || ']},"certifications":{"nodes":[' || coalesce(
        (
            SELECT group_concat(node, ',')
            FROM (
                SELECT
                    '{"id":"lct_' || e.id || '","status":"' || upper(CASE
                        WHEN e.due_at > :now THEN e.status
                        WHEN e.status = 'certified' AND e.lapses_at > :now THEN 'expired'
                        ELSE 'lapsed'
                    END) || '","expiresAt":' || coalesce('"' || e.expires_at || '"', 'null') || ',"certification":'
                    || coalesce('{"id":"crt_' || s.id || '","title":' || json_quote(s.title) || '}', 'null') || '}' AS node
                FROM learner_certifications AS e
                LEFT JOIN certifications AS s
                    ON s.organisation_id = e.organisation_id AND s.id = e.certification_id AND s.status = 'active'
                WHERE e.organisation_id = :organisation AND e.learner_id = learners.id AND e.archived_at IS NULL
                ORDER BY coalesce(e.expires_at, '9999-12-31T00:00:00.000000Z'), e.id
                LIMIT 5
            )
        ),
        ''
    ) || ']}}',
    family_name_key,
    given_name_key,
    learners.id
FROM learners INDEXED BY ix_learners_organisation_id_family_name_key_given_name_key_id
WHERE organisation_id = :organisation AND learners.id IN (
    SELECT learner_id FROM reporting_lines WHERE organisation_id = :organisation AND manager_id = :learner
    UNION ALL
    SELECT :learner
)
ORDER BY family_name_key, given_name_key, learners.id
LIMIT 51
