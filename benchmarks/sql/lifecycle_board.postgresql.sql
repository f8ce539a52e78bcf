-- Q6. One row: the columns of the board, each with its numbers and its first fifty enrolments and what those need.
-- $1 organisation
WITH parts AS MATERIALIZED (
    SELECT
        course_enrolment_id,
        max(ends_on) AS ends_on,
        min(CASE WHEN outcome IN ('20', '30', '40', '41', '51', '52', '60', '61', '81', '82') THEN 1 ELSE 0 END) AS is_trained
    FROM unit_enrolments
    WHERE organisation_id = $1::uuid
    GROUP BY course_enrolment_id
),
standing AS MATERIALIZED (
    SELECT
        e.id, e.external_ref, e.learner_id, e.course_offer_id, e.status, e.status_reason_id, e.commitment_ref, e.finalised_at,
        e.status IN ('withdrawn', 'cancelled_no_penalty', 'cancelled_penalty', 'partial_attendance', 'deferred') AS has_left,
        coalesce(p.ends_on, CASE WHEN p.course_enrolment_id IS NULL THEN e.ends_on END) AS latest_end_on,
        CASE
            WHEN e.status IN ('enquiry', 'pending') THEN 1
            WHEN e.status = 'deferred' OR e.status = 'current' AND coalesce(p.is_trained, 0) = 0 THEN 2
            WHEN e.status IN ('completion_pending', 'current') OR e.finalised_at IS NULL OR e.reconnect_for IS NULL
                OR NOT organisation.has_reconnect_stage THEN 3
            ELSE 4
        END AS stage
    FROM course_enrolments AS e
    JOIN organisations AS organisation ON organisation.id = e.organisation_id
    LEFT JOIN parts AS p ON p.course_enrolment_id = e.id
    WHERE e.organisation_id = $1::uuid AND e.status <> 'declined'
),
counted AS MATERIALIZED (
    SELECT stage, count(*) AS enrolments, count(DISTINCT learner_id) AS learners FROM standing GROUP BY stage
),
page AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT
            standing.*,
            row_number() OVER (PARTITION BY stage ORDER BY coalesce(latest_end_on, '9999-12-30'), id) AS place
        FROM standing
    ) AS ranked
    WHERE place <= 50
),
units AS MATERIALIZED (
    SELECT
        page.id,
        coalesce(string_agg(
            ',{"need":"START","unitEnrolmentId":"uen_' || encode(uuid_send(u.id), 'hex') || '"}', '' ORDER BY u.id
        ) FILTER (WHERE u.starts_on IS NULL), '') AS starts,
        coalesce(string_agg(
            ',{"need":"END","unitEnrolmentId":"uen_' || encode(uuid_send(u.id), 'hex') || '"}', '' ORDER BY u.id
        ) FILTER (WHERE u.ends_on IS NULL), '') AS ends,
        coalesce(string_agg(
            ',{"need":"OUTCOME","unitEnrolmentId":"uen_' || encode(uuid_send(u.id), 'hex') || '"}', '' ORDER BY u.id
        ) FILTER (WHERE u.outcome IS NULL OR u.outcome IN ('70', '85') OR u.outcome = '00' AND NOT page.has_left), '') AS outcomes,
        coalesce(string_agg(
            ',{"need":"HOURS","unitEnrolmentId":"uen_' || encode(uuid_send(u.id), 'hex') || '"}', '' ORDER BY u.id
        ) FILTER (WHERE u.outcome = '40' AND u.actual_hours IS NULL), '') AS hours,
        max(CASE WHEN u.outcome IN ('20', '51', '60') THEN 1 ELSE 0 END) AS earns_credential
    FROM page
    JOIN unit_enrolments AS u ON u.organisation_id = $1::uuid AND u.course_enrolment_id = page.id
    GROUP BY page.id
),
nodes AS MATERIALIZED (
    SELECT
        page.stage,
        string_agg(
            '{"id":"cen_' || encode(uuid_send(page.id), 'hex') || '","externalRef":' || to_json(page.external_ref)
            || ',"status":"' || upper(page.status) || '","latestEndOn":'
            || coalesce('"' || page.latest_end_on || '"', 'null') || ',"learner":{"id":"lrn_'
            || encode(uuid_send(l.id), 'hex') || '","givenName":' || to_json(l.given_name) || ',"familyName":'
            || to_json(l.family_name) || '},"courseOffer":{"id":"off_' || encode(uuid_send(o.id), 'hex') || '","title":'
            || to_json(o.title) || '},"needs":[' || substr(
                CASE page.stage
                    WHEN 1 THEN ',{"need":"DECISION","unitEnrolmentId":null}'
                        || CASE WHEN l.student_identifier IS NULL THEN ',{"need":"STUDENT_IDENTIFIER","unitEnrolmentId":null}' ELSE '' END
                        || CASE WHEN page.commitment_ref IS NULL AND o.needs_commitment THEN ',{"need":"COMMITMENT","unitEnrolmentId":null}' ELSE '' END
                    WHEN 2 THEN CASE WHEN l.student_identifier IS NULL THEN ',{"need":"STUDENT_IDENTIFIER","unitEnrolmentId":null}' ELSE '' END
                        || CASE WHEN page.commitment_ref IS NULL AND o.needs_commitment THEN ',{"need":"COMMITMENT","unitEnrolmentId":null}' ELSE '' END
                        || coalesce(units.starts || units.ends || units.outcomes, '')
                        || CASE WHEN page.status = 'deferred' THEN ',{"need":"RETURN","unitEnrolmentId":null}' ELSE '' END
                    WHEN 3 THEN CASE WHEN page.status_reason_id IS NULL THEN ',{"need":"STATUS_REASON","unitEnrolmentId":null}' ELSE '' END
                        || coalesce(units.outcomes || units.ends || units.hours, '')
                        || CASE WHEN l.student_identifier IS NULL THEN ',{"need":"STUDENT_IDENTIFIER","unitEnrolmentId":null}' ELSE '' END
                        || CASE WHEN page.commitment_ref IS NULL AND o.needs_commitment THEN ',{"need":"COMMITMENT","unitEnrolmentId":null}' ELSE '' END
                        || CASE
                            WHEN page.status IN ('completed', 'completion_pending') AND NOT EXISTS (
                                SELECT 1 FROM surveys AS s
                                WHERE s.organisation_id = $1::uuid AND s.course_enrolment_id = page.id AND s.status = 'answered'
                            ) THEN ',{"need":"SURVEY","unitEnrolmentId":null}' ELSE ''
                        END
                        || CASE
                            WHEN units.earns_credential = 1 AND NOT EXISTS (
                                SELECT 1 FROM credentials AS c
                                WHERE c.organisation_id = $1::uuid AND c.course_enrolment_id = page.id AND c.status = 'issued'
                            ) THEN ',{"need":"CREDENTIAL","unitEnrolmentId":null}' ELSE ''
                        END
                        || CASE WHEN page.finalised_at IS NULL THEN ',{"need":"FINALISE","unitEnrolmentId":null}' ELSE '' END
                    ELSE ',{"need":"RECONNECT","unitEnrolmentId":null}'
                END,
                2
            ) || ']}',
            ',' ORDER BY page.place
        ) AS text
    FROM page
    JOIN learners AS l ON l.organisation_id = $1::uuid AND l.id = page.learner_id
    JOIN course_offers AS o ON o.organisation_id = $1::uuid AND o.id = page.course_offer_id
    LEFT JOIN units ON units.id = page.id
    GROUP BY page.stage
),
stages (stage, name) AS (
    VALUES (1, 'SALES'), (2, 'PROGRESSION'), (3, 'COMPLETION'), (4, 'RECONNECT')
)
SELECT string_agg(
    '{"stage":"' || stages.name || '","enrolmentCount":' || coalesce(counted.enrolments, 0) || ',"learnerCount":'
    || coalesce(counted.learners, 0) || ',"enrolments":{"nodes":[' || coalesce(nodes.text, '')
    || '],"pageInfo":{"hasNextPage":' || CASE WHEN counted.enrolments > 50 THEN 'true' ELSE 'false' END || '}}}',
    ',' ORDER BY stages.stage
)
FROM stages
LEFT JOIN counted ON counted.stage = stages.stage
LEFT JOIN nodes ON nodes.stage = stages.stage
WHERE stages.stage < 4 OR (SELECT has_reconnect_stage FROM organisations WHERE id = $1::uuid)
