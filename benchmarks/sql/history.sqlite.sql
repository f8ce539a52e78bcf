-- Q7. One row: the page's nodes, whether another follows, and what its cursor is made of. The latest withdrawals, so that
-- every subject is an enrolment.
WITH page AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY occurred_at DESC, id DESC) AS place, latest.*
    FROM (
        SELECT id, actor_kind, actor_id, subject_id, learner_id, from_status, to_status, reason, note, occurred_at, recorded_at
        FROM history_entries
        WHERE organisation_id = :organisation AND action = 'series_enrolment_withdrawn'
        ORDER BY occurred_at DESC, id DESC
        LIMIT 101
    ) AS latest
)
SELECT
    (
        SELECT group_concat(
            '{"id":"his_' || page.id || '","action":"SERIES_ENROLMENT_WITHDRAWN","actorKind":"'
            || upper(page.actor_kind) || '","actor":' || coalesce(
                '{"id":"usr_' || u.id || '","name":' || json_quote(u.name) || '}', 'null'
            ) || ',"subjectKind":"SERIES_ENROLMENT","subject":{"__typename":"SeriesEnrolment","id":"sen_'
            || e.id || '","externalRef":' || json_quote(e.external_ref) || ',"status":"'
            || upper(CASE
                WHEN e.due_at > :now THEN e.status
                WHEN e.status = 'waiting_to_start' AND e.ends_at <= :now
                    THEN iif(e.has_signed_in, 'did_not_start', 'never_signed_in')
                WHEN e.status = 'waiting_to_start' THEN iif(e.has_signed_in, 'no_attempts', 'not_signed_in')
                WHEN e.status = 'not_signed_in' THEN 'never_signed_in'
                WHEN e.status = 'no_attempts' THEN 'did_not_start'
                WHEN e.status = 'in_progress' THEN 'incomplete'
                ELSE e.status
            END)
            || '","series":{"id":"ser_' || s.id || '","title":' || json_quote(s.title)
            || '}},"learner":{"id":"lrn_' || l.id || '","givenName":' || json_quote(l.given_name)
            || ',"familyName":' || json_quote(l.family_name) || '},"fromStatus":"' || page.from_status || '","toStatus":"'
            || page.to_status || '","reason":' || coalesce('"' || page.reason || '"', 'null')
            || ',"note":' || json_quote(page.note) || ',"occurredAt":"'
            || page.occurred_at || '","recordedAt":"'
            || page.recorded_at || '"}',
            ',' ORDER BY page.place
        )
        FROM page
        CROSS JOIN series_enrolments AS e ON e.organisation_id = :organisation AND e.id = page.subject_id
        CROSS JOIN series AS s ON s.organisation_id = :organisation AND s.id = e.series_id
        CROSS JOIN learners AS l ON l.organisation_id = :organisation AND l.id = page.learner_id
        LEFT JOIN users AS u ON u.id = page.actor_id
        WHERE page.place <= 100
    ),
    (SELECT CASE WHEN count(*) > 100 THEN 'true' ELSE 'false' END FROM page),
    last.occurred_at,
    last.id
FROM (SELECT occurred_at, id FROM page WHERE place <= 100 ORDER BY place DESC LIMIT 1) AS last
