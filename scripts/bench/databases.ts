import { rmSync } from "node:fs";
import pg from "pg";
import { binaries, identity, initialise, PostgresProcess } from "../../test/servers/postgres-process.ts";

export interface Database {
  readonly url: string;
  /** The server's process; those of its connections are its children. */
  readonly pid: number;
}

/** Durable, unlike that of the tests. */
const SETTINGS = ["listen_addresses=", "max_connections=100", "shared_buffers=256MB"];

/** A private cluster on its socket; undefined where there is no PostgreSQL. */
export async function startDatabases() {
  const as = identity();
  const bin = await binaries(as);
  if (bin === undefined) return undefined;
  const folder = initialise(bin, as);
  const server = new PostgresProcess(bin, folder, as, SETTINGS);
  await server.start();
  process.once("exit", () => void server.stop("SIGQUIT"));
  const url = (database: string) => `postgres://postgres@/${database}?host=${folder}`;
  let count = 0;
  return {
    create: async (): Promise<Database> => {
      const name = `bench_${++count}`;
      const client = new pg.Client({ host: folder, user: "postgres", database: "postgres" });
      await client.connect();
      await client.query(`CREATE DATABASE ${name} TEMPLATE template0`);
      await client.end();
      return { url: url(name), pid: server.pid };
    },
    end: async () => {
      await server.stop("SIGINT");
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
