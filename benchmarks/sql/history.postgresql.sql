-- Q7. One row: the page's nodes, whether another follows, and what its cursor is made of. The latest withdrawals, so that
-- every subject is an enrolment.
-- $1 organisation, $2 now
WITH page AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY occurred_at DESC, id DESC) AS place, latest.*
    FROM (
        SELECT id, actor_kind, actor_id, subject_id, learner_id, from_status, to_status, reason, note, occurred_at, recorded_at
        FROM history_entries
        WHERE organisation_id = $1::uuid AND action = 'series_enrolment_withdrawn'
        ORDER BY occurred_at DESC, id DESC
        LIMIT 101
    ) AS latest
)
SELECT
    (
        SELECT string_agg(
            '{"id":"his_' || encode(uuid_send(page.id), 'hex') || '","action":"SERIES_ENROLMENT_WITHDRAWN","actorKind":"'
            || upper(page.actor_kind) || '","actor":' || coalesce(
                '{"id":"usr_' || encode(uuid_send(u.id), 'hex') || '","name":' || to_json(u.name) || '}', 'null'
            ) || ',"subjectKind":"SERIES_ENROLMENT","subject":{"__typename":"SeriesEnrolment","id":"sen_'
            || encode(uuid_send(e.id), 'hex') || '","externalRef":' || to_json(e.external_ref) || ',"status":"'
            || upper(CASE
                WHEN e.due_at > $2 THEN e.status
                WHEN e.status = 'waiting_to_start' AND e.ends_at <= $2
                    THEN CASE WHEN e.has_signed_in THEN 'did_not_start' ELSE 'never_signed_in' END
                WHEN e.status = 'waiting_to_start' THEN CASE WHEN e.has_signed_in THEN 'no_attempts' ELSE 'not_signed_in' END
                WHEN e.status = 'not_signed_in' THEN 'never_signed_in'
                WHEN e.status = 'no_attempts' THEN 'did_not_start'
                WHEN e.status = 'in_progress' THEN 'incomplete'
                ELSE e.status
            END)
            || '","series":{"id":"ser_' || encode(uuid_send(s.id), 'hex') || '","title":' || to_json(s.title)
            || '}},"learner":{"id":"lrn_' || encode(uuid_send(l.id), 'hex') || '","givenName":' || to_json(l.given_name)
            || ',"familyName":' || to_json(l.family_name) || '},"fromStatus":"' || page.from_status || '","toStatus":"'
            || page.to_status || '","reason":' || coalesce('"' || page.reason || '"', 'null')
            || ',"note":' || coalesce(to_json(page.note)::text, 'null') || ',"occurredAt":"'
            || to_char(page.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","recordedAt":"'
            || to_char(page.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}',
            ',' ORDER BY page.place
        )
        FROM page
        JOIN series_enrolments AS e ON e.organisation_id = $1::uuid AND e.id = page.subject_id
        JOIN series AS s ON s.organisation_id = $1::uuid AND s.id = e.series_id
        JOIN learners AS l ON l.organisation_id = $1::uuid AND l.id = page.learner_id
        LEFT JOIN users AS u ON u.id = page.actor_id
        WHERE page.place <= 100
    ),
    (SELECT CASE WHEN count(*) > 100 THEN 'true' ELSE 'false' END FROM page),
    to_char(last.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    encode(uuid_send(last.id), 'hex')
FROM (SELECT occurred_at, id FROM page WHERE place <= 100 ORDER BY place DESC LIMIT 1) AS last
