-- Q4. One row: the two totals, the three facets, the page's nodes, whether another follows, and what its cursor is made of.
-- Previews are left out. Every enrolment is read once; the facets add up what falls on the same status, series and code.
WITH counted AS MATERIALIZED (
    SELECT status, series_id, tracking_code, count(*) AS everyone, count(*) FILTER (WHERE is_overdue) AS overdue
    FROM (
        SELECT
            series_id,
            tracking_code,
            status,
            overdue_at <= :now AND status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress') AS is_overdue
        FROM (
            SELECT
                series_id, tracking_code, overdue_at,
                CASE
                    WHEN due_at > :now THEN status
                    WHEN status = 'waiting_to_start' AND ends_at <= :now
                        THEN iif(has_signed_in, 'did_not_start', 'never_signed_in')
                    WHEN status = 'waiting_to_start' THEN iif(has_signed_in, 'no_attempts', 'not_signed_in')
                    WHEN status = 'not_signed_in' THEN 'never_signed_in'
                    WHEN status = 'no_attempts' THEN 'did_not_start'
                    WHEN status = 'in_progress' THEN 'incomplete'
                    ELSE status
                END AS status
            FROM series_enrolments
            WHERE organisation_id = :organisation
                AND series_id NOT IN (SELECT id FROM series WHERE organisation_id = :organisation AND type = 'preview')
        ) AS standing
    ) AS each
    GROUP BY status, series_id, tracking_code
),
page AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY enrolled_at DESC, id DESC) AS place, latest.*
    FROM (
        SELECT
            e.id,
            e.external_ref,
            CASE
                WHEN e.due_at > :now THEN e.status
                WHEN e.status = 'waiting_to_start' AND e.ends_at <= :now
                    THEN iif(e.has_signed_in, 'did_not_start', 'never_signed_in')
                WHEN e.status = 'waiting_to_start' THEN iif(e.has_signed_in, 'no_attempts', 'not_signed_in')
                WHEN e.status = 'not_signed_in' THEN 'never_signed_in'
                WHEN e.status = 'no_attempts' THEN 'did_not_start'
                WHEN e.status = 'in_progress' THEN 'incomplete'
                ELSE e.status
            END AS status,
            e.enrolled_at, e.ends_at, e.due_on, e.overdue_at, e.tracking_code, e.learner_id, e.series_id
        FROM series_enrolments AS e
        WHERE e.organisation_id = :organisation
            AND e.series_id NOT IN (SELECT id FROM series WHERE organisation_id = :organisation AND type = 'preview')
        ORDER BY e.enrolled_at DESC, e.id DESC
        LIMIT 101
    ) AS latest
)
SELECT
    (SELECT coalesce(sum(everyone), 0) FROM counted),
    (SELECT coalesce(sum(overdue), 0) FROM counted),
    (
        SELECT coalesce(group_concat('{"status":"' || upper(status) || '","count":' || total || '}', ',' ORDER BY total DESC, status), '')
        FROM (SELECT status, sum(everyone) AS total FROM counted GROUP BY status) AS by_status
    ),
    (
        SELECT coalesce(group_concat(
            '{"series":{"id":"ser_' || s.id || '","title":' || json_quote(s.title)
            || ',"type":"' || upper(s.type) || '"},"count":' || total || '}',
            ',' ORDER BY total DESC, s.id
        ), '')
        FROM (
            SELECT series_id, sum(everyone) AS total FROM counted GROUP BY series_id ORDER BY total DESC, series_id LIMIT 20
        ) AS by_series
        JOIN series AS s ON s.organisation_id = :organisation AND s.id = by_series.series_id
    ),
    (
        SELECT coalesce(group_concat(
            '{"trackingCode":' || json_quote(tracking_code) || ',"count":' || total || '}', ',' ORDER BY total DESC, tracking_code
        ), '')
        FROM (
            SELECT tracking_code, sum(everyone) AS total
            FROM counted
            WHERE tracking_code IS NOT NULL
            GROUP BY tracking_code
            ORDER BY total DESC, tracking_code
            LIMIT 20
        ) AS by_code
    ),
    (
        SELECT group_concat(
            '{"id":"sen_' || page.id || '","externalRef":' || json_quote(page.external_ref)
            || ',"status":"' || upper(page.status) || '","enrolledAt":"'
            || page.enrolled_at || '","endsAt":"'
            || page.ends_at || '","dueOn":'
            || coalesce('"' || page.due_on || '"', 'null') || ',"isOverdue":' || CASE
                WHEN page.overdue_at <= :now
                    AND page.status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress') THEN 'true'
                ELSE 'false'
            END || ',"trackingCode":' || json_quote(page.tracking_code)
            || ',"learner":{"id":"lrn_' || l.id || '","givenName":' || json_quote(l.given_name)
            || ',"familyName":' || json_quote(l.family_name) || '},"series":{"id":"ser_' || s.id
            || '","title":' || json_quote(s.title) || '}}',
            ',' ORDER BY page.place
        )
        FROM page
        CROSS JOIN learners AS l ON l.organisation_id = :organisation AND l.id = page.learner_id
        CROSS JOIN series AS s ON s.organisation_id = :organisation AND s.id = page.series_id
        WHERE page.place <= 100
    ),
    (SELECT CASE WHEN count(*) > 100 THEN 'true' ELSE 'false' END FROM page),
    last.enrolled_at,
    last.id
FROM (SELECT enrolled_at, id FROM page WHERE place <= 100 ORDER BY place DESC LIMIT 1) AS last
