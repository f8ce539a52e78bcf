// PostGraphile 5 on the portal's tables, as its introspection finds them; how to reach them is told by PGHOST and the like.
import "./promises.js";

import { createServer } from "node:http";

import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import pg from "pg";

const port = Number(process.argv[process.argv.indexOf("--port") + 1]);
const pool = new pg.Pool();

// Two tables are named as the types of conditions on others would be.
const OtherConditions = {
  name: "OtherConditions",
  version: "1.0.0",
  inflection: {
    replace: {
      conditionType(_previous, _options, typeName) {
        return this.upperCamelCase(`${typeName}-matching`);
      },
    },
  },
};

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [OtherConditions],
  // Every column may be ordered by, also where no index begins with it.
  disablePlugins: ["PgIndexBehaviorsPlugin", "NodePlugin"],
  pgServices: [makePgService({ pool, schemas: ["public", "peers"] })],
  gather: { installWatchFixtures: false },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { explain: false },
});

const server = createServer();
server.on("error", (error) => {
  throw error;
});
await instance.createServ(grafserv).addTo(server);
await instance.getSchema();
server.listen(port, "127.0.0.1");
