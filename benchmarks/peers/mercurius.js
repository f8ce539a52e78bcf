// A server as mercurius' own guides build it: fastify, a schema of its own, JIT, and a batched loader for each relation.
import { readFile } from "node:fs/promises";

import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const port = Number(process.argv[process.argv.indexOf("--port") + 1]);
const pool = new pg.Pool();

const LEARNER = `organisation_id AS "organisation", id, external_ref AS "externalRef", given_name AS "givenName",
  family_name AS "familyName", email, status, last_activity_at AS "lastActivityAt", deactivated_at AS "deactivatedAt",
  has_app_access AS "hasAppAccess", first_signed_in_at AS "firstSignedInAt", created_at AS "createdAt",
  manager_id AS "managerId"`;
const ENROLMENT = `organisation_id AS "organisation", id, status, enrolled_at AS "enrolledAt", starts_at AS "startsAt",
  ends_at AS "endsAt", mastered_at AS "masteredAt", withdrawn_at AS "withdrawnAt",
  withdrawal_reason AS "withdrawalReason", learner_id AS "learnerId", series_id AS "seriesId"`;

// Instants stay the text that the database writes: making dates of them would only cost.
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => text);

async function rows(name, text, values) {
  return (await pool.query({ name, text, values })).rows;
}

function page(found, first) {
  const nodes = found.slice(0, first);
  return { nodes, pageInfo: { hasNextPage: found.length > first, endCursor: nodes.at(-1)?.id } };
}

const resolvers = {
  Query: {
    async learners(_, { organisation, manager, first }) {
      const found = await rows(
        "team",
        `SELECT ${LEARNER} FROM learners
        WHERE organisation_id = $1 AND (id = $2 OR EXISTS (
          SELECT 1 FROM reporting_lines AS r
          WHERE r.organisation_id = $1 AND r.manager_id = $2 AND r.learner_id = learners.id
        ))
        ORDER BY family_name_key, given_name_key, id
        LIMIT $3`,
        [organisation, manager, first + 1],
      );
      return page(found, first);
    },
    async learner(_, { organisation, id }) {
      const [found] = await rows(
        "learner",
        `SELECT ${LEARNER} FROM learners WHERE organisation_id = $1 AND id = $2`,
        [organisation, id],
      );
      return found;
    },
    async seriesEnrolments(_, { organisation, series, first }) {
      const found = await rows(
        "enrolments of series",
        `SELECT ${ENROLMENT} FROM series_enrolments
        WHERE organisation_id = $1 AND series_id = $2
        ORDER BY id
        LIMIT $3`,
        [organisation, series, first + 1],
      );
      return page(found, first);
    },
  },
};

// Without mercurius' own cache, which writes every parent out as text to tell them apart and costs more than it saves here.
function batched(loader) {
  return { loader, opts: { cache: false } };
}

// One record each, by its key: asked for once, however many refer to it.
function one(table, columns, key) {
  return batched(async (queries) => {
    const wanted = [...new Set(queries.map(({ obj }) => obj[key]).filter(Boolean))];
    const found = await rows(
      `${table} by id`,
      `SELECT ${columns} FROM ${table} WHERE organisation_id = $1 AND id = ANY ($2::uuid[])`,
      [queries[0].obj.organisation, wanted],
    );
    const known = new Map(found.map((row) => [row.id, row]));
    return queries.map(({ obj }) => known.get(obj[key]) ?? null);
  });
}

// The first few of each learner's, in one statement.
function few(name, table, columns, condition, order) {
  return batched(async (queries) => {
    const found = await rows(
      name,
      `SELECT part.* FROM unnest($2::uuid[]) WITH ORDINALITY AS learner (id, number) CROSS JOIN LATERAL (
        SELECT ${columns} FROM ${table}
        WHERE organisation_id = $1 AND learner_id = learner.id AND ${condition}
        ORDER BY ${order}
        LIMIT $3
      ) AS part ORDER BY learner.number`,
      [queries[0].obj.organisation, queries.map(({ obj }) => obj.id), queries[0].params.first],
    );
    const known = new Map(queries.map(({ obj }) => [obj.id, []]));
    for (const row of found) known.get(row.learnerId).push(row);
    return queries.map(({ obj }) => ({ nodes: known.get(obj.id), organisation: obj.organisation, learner: obj.id }));
  });
}

const loaders = {
  Learner: {
    manager: one("learners", LEARNER, "managerId"),
    seriesEnrolments: few(
      "latest enrolments",
      "series_enrolments",
      ENROLMENT,
      "true",
      "enrolled_at DESC, id DESC",
    ),
    certifications: few(
      "first certifications",
      "learner_certifications",
      `organisation_id AS "organisation", id, status, expires_at AS "expiresAt", learner_id AS "learnerId",
        certification_id AS "certificationId"`,
      "archived_at IS NULL",
      "expires_at, id",
    ),
  },
  SeriesEnrolmentConnection: {
    totalCount: batched(async (queries) => {
      const counted = await rows(
        "enrolments of learners",
        `SELECT learner_id AS "learnerId", count(*)::int AS "count" FROM series_enrolments
        WHERE organisation_id = $1 AND learner_id = ANY ($2::uuid[]) GROUP BY learner_id`,
        [queries[0].obj.organisation, queries.map(({ obj }) => obj.learner)],
      );
      const known = new Map(counted.map((row) => [row.learnerId, row.count]));
      return queries.map(({ obj }) => known.get(obj.learner) ?? 0);
    }),
  },
  SeriesEnrolment: {
    learner: one("learners", LEARNER, "learnerId"),
    series: one("series", "id, title, type", "seriesId"),
  },
  LearnerCertification: {
    certification: one("certifications", "id, title", "certificationId"),
  },
};

const app = Fastify();
app.register(mercurius, {
  schema: await readFile(new URL("schema.graphql", import.meta.url), "utf8"),
  resolvers,
  loaders,
  jit: 1,
});
await app.listen({ port, host: "127.0.0.1" });
