-- Q1. One row: the nodes as JSON text, whether a page follows, and what the cursor of the last node is made of.
WITH page AS MATERIALIZED (
    SELECT
        row_number() OVER (ORDER BY family_name_key, given_name_key, id) AS place,
        id, given_name, family_name, email, status, family_name_key, given_name_key
    FROM learners
    WHERE organisation_id = :organisation AND id IN (
        SELECT learner_id FROM reporting_lines WHERE organisation_id = :organisation AND manager_id = :learner
        UNION ALL
        SELECT :learner
    )
    ORDER BY family_name_key, given_name_key, id
    LIMIT 51
)
SELECT
    group_concat(
        '{"id":"lrn_' || id || '","givenName":' || json_quote(given_name) || ',"familyName":' || json_quote(family_name)
        || ',"email":' || json_quote(email) || ',"status":"' || upper(status) || '","seriesEnrolments":{"nodes":[' || coalesce(
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
                    LEFT JOIN series AS s ON s.organisation_id = e.organisation_id AND s.id = e.series_id AND s.is_active
                    WHERE e.organisation_id = :organisation AND e.learner_id = page.id
                    ORDER BY e.enrolled_at DESC, e.id DESC
                    LIMIT 5
                )
            ),
            ''
        ) || ']}}',
        ',' ORDER BY place
    ) FILTER (WHERE place <= 50),
    max(place) > 50,
    (SELECT family_name_key FROM page WHERE place <= 50 ORDER BY place DESC LIMIT 1),
    (SELECT given_name_key FROM page WHERE place <= 50 ORDER BY place DESC LIMIT 1),
    (SELECT id FROM page WHERE place <= 50 ORDER BY place DESC LIMIT 1)
FROM page
