-- What PostGraphile is given beside the tables: the team of a manager, which no condition on a table can say.
CREATE SCHEMA peers;
CREATE FUNCTION peers.team(organisation uuid, manager uuid) RETURNS SETOF public.learners LANGUAGE sql STABLE AS $$
    SELECT *
    FROM public.learners
    WHERE organisation_id = organisation AND (id = manager OR EXISTS (
        SELECT 1 FROM public.reporting_lines AS r
        WHERE r.organisation_id = organisation AND r.manager_id = manager AND r.learner_id = learners.id
    ))
    ORDER BY family_name_key, given_name_key, id
$$;
