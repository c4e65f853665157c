import { randomInt } from "node:crypto";
import { isIP } from "node:net";
import pg from "pg";
import type { Clock } from "../../process/clock.ts";
import { StoreUnavailable } from "../port.ts";
import { BoundClient } from "./bound-client.ts";
import { isRepeatable, staysUsable, storeError } from "./errors.ts";
import { passwordFrom } from "./passfile.ts";
import { ordered, type Statement, type Values } from "./statement.ts";
import type { DatabaseTarget } from "./url.ts";

/** After a failover the name may lead elsewhere: no connection lives longer. Seconds. */
const LONGEST_LIFE_S = 1_800;

/** Silence on the wire after which the kernel asks whether the other end lives. Milliseconds. */
const KEEP_ALIVE_MS = 10_000;

/** The client gives up this long after the server should have: then the network is gone, not the statement slow. */
const NETWORK_GRACE_MS = 1_000;

/** What every connection is made with. Time-outs are set later: poolers refuse them at the start of a connection. */
export function connectionOf(target: DatabaseTarget): pg.ClientConfig {
  const { host, hostaddr, port, user, password, passfile, database, options } = target;
  const tls = tlsTo(target);
  const login = password ?? (passfile === undefined ? undefined : passwordFrom(passfile, target));
  return {
    host: hostaddr ?? host,
    port,
    ...(user !== undefined && { user }),
    ...(login !== undefined && { password: login }),
    ...(database !== undefined && { database }),
    ...(options !== undefined && { options }),
    ssl: tls,
    enableChannelBinding: tls !== false && target.channelBinding !== "disable",
    application_name: target.applicationName,
    connectionTimeoutMillis: target.connectTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
}

/** libpq: a Unix socket is not encrypted, whatever sslmode says; and whatever address is asked, the certificate is the host's. */
function tlsTo({ host, hostaddr, ssl }: DatabaseTarget): pg.ClientConfig["ssl"] {
  if (ssl === false || hostaddr === undefined) return host.startsWith("/") ? false : ssl;
  return { ...ssl, host, ...(isIP(host) === 0 && { servername: host }) };
}

/** The driver's client, or one that refuses a login which proves nothing of the channel. */
export function clientOf({ channelBinding }: DatabaseTarget): typeof pg.Client {
  return channelBinding === "require" ? BoundClient : pg.Client;
}

/** The same database at each of its servers, in their order. */
export function serversOf({ others = [], ...target }: DatabaseTarget): readonly DatabaseTarget[] {
  return [target, ...others.map((address) => ({ ...target, ...address }))];
}

/**
 * One connection apart from the pool; of several servers to the first that takes writes. Its errors reach whoever waits for
 * an answer; without one they are nobody's.
 */
export async function connect(target: DatabaseTarget): Promise<pg.Client> {
  const servers = serversOf(target);
  for (const [index, server] of servers.entries()) {
    const client = new (clientOf(server))(connectionOf(server));
    client.on("error", () => {});
    try {
      await client.connect();
      if (servers.length > 1) await assertWritable(client);
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      if (index === servers.length - 1) throw error;
    }
  }
  throw new StoreUnavailable("no database server is named");
}

/** Repetitions of a statement that met another transaction (faults.md section 9). */
const MOST_ATTEMPTS = 8;

/** Longest pause before the first repetition, doubled for each further one. Milliseconds. */
const PAUSE_MS = 10;

/** One statement of a transaction. */
export type Run = <R extends pg.QueryResultRow>(statement: Statement, values?: Values) => Promise<pg.QueryResult<R>>;

/** A bounded pool of connections, each with the settings that durability rests on. */
export class Connections {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #servers: readonly DatabaseTarget[];
  /** Which of them new connections go to. */
  #server = 0;

  constructor(target: DatabaseTarget, clock: Clock) {
    this.#clock = clock;
    this.#servers = serversOf(target);
    this.#pool = new pg.Pool({
      ...connectionOf(target),
      Client: clientOf(target),
      max: target.poolSize,
      maxLifetimeSeconds: LONGEST_LIFE_S,
      query_timeout: target.statementTimeout + NETWORK_GRACE_MS,
      onConnect: (client) => prepare(client, target),
    });
    // A connection that breaks while nobody uses it is replaced when it is needed; unheard, it would end the process.
    this.#pool.on("error", () => {});
  }

  /** Runs one statement. Throws `StoreUnavailable` when it may work later; whether it took place is then not known. */
  run<R extends pg.QueryResultRow>(statement: Statement, values: Values = {}): Promise<pg.QueryResult<R>> {
    return this.#repeated((client) => client.query<R>(statement.text, ordered(statement, values)));
  }

  /** Runs several statements as one transaction, repeated as a whole, and undone where its result is not kept; an error is as for `run`. */
  transaction<T>(work: (run: Run) => Promise<T>, isKept: (done: T) => boolean = () => true): Promise<T> {
    return this.#repeated(async (client) => {
      await client.query("BEGIN");
      try {
        const done = await work((statement, values = {}) => client.query(statement.text, ordered(statement, values)));
        await client.query(isKept(done) ? "COMMIT" : "ROLLBACK");
        return done;
      } catch (error) {
        // Where the connection is gone, the transaction is gone with it.
        await client.query("ROLLBACK").catch(() => {});
        throw error;
      }
    });
  }

  async #repeated<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !isRepeatable(error)) throw storeError(error);
      }
      await this.#pause(randomInt(PAUSE_MS * 2 ** (attempt - 1)));
    }
  }

  async #once<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#borrow();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client.release(!staysUsable(error));
      throw error;
    }
  }

  /** Of several servers the next one is tried where this one is away, or takes no writes (any more). */
  async #borrow(): Promise<pg.PoolClient> {
    for (let tried = 1; ; tried++) {
      const server = this.#server;
      try {
        return await this.#pool.connect();
      } catch (error) {
        if (tried === this.#servers.length || isPoolFull(error)) throw error;
        // Somebody else may have gone on to the next already.
        if (server === this.#server) this.#server = (server + 1) % this.#servers.length;
        const next = this.#servers[this.#server];
        if (next) Object.assign(this.#pool.options, connectionOf(next));
      }
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(milliseconds, resolve);
    });
  }

  pool(): { open: number; idle: number; waiting: number } {
    const { totalCount: open, idleCount: idle, waitingCount: waiting } = this.#pool;
    return { open, idle, waiting };
  }

  /** Resolves when statements under way have ended and all connections are closed. */
  end(): Promise<void> {
    return this.#pool.end();
  }
}

/** Stricter than `on` is kept; the default of a role or a database is not. */
const SETTINGS = `SELECT
  set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),
  set_config('statement_timeout', $1, false),
  set_config('lock_timeout', $2, false),
  set_config('idle_in_transaction_session_timeout', $3, false)`;

const STATE = `SELECT current_setting('synchronous_commit') AS commits, pg_is_in_recovery() AS standby,
  current_setting('transaction_read_only') AS read_only`;

/** Sets and asserts; a connection that would lose commits or takes none is not used at all. */
async function prepare(client: pg.ClientBase, target: DatabaseTarget): Promise<void> {
  // While it is lent out the pool does not listen, and an error that nobody hears ends the process.
  client.on("error", () => {});
  const timeouts = [target.statementTimeout, target.lockTimeout, target.idleInTransactionTimeout];
  await client.query(SETTINGS, timeouts.map(String));
  const state = await assertWritable(client);
  if (state?.commits !== "on" && state?.commits !== "remote_apply") {
    throw new StoreUnavailable("the database does not keep synchronous_commit on for a session: commits could be lost");
  }
}

/** Throws `StoreUnavailable` for a server that takes no writes. */
async function assertWritable(client: pg.ClientBase): Promise<ServerState | undefined> {
  const { rows } = await client.query<ServerState>(STATE);
  const [state] = rows;
  if (state?.standby || state?.read_only === "on") {
    throw new StoreUnavailable("the database does not accept writes right now: it is a standby or is set to read-only");
  }
  return state;
}

interface ServerState {
  readonly commits: string;
  readonly standby: boolean;
  readonly read_only: string;
}

/** All connections are in use: that says nothing of the server (pg-pool). */
function isPoolFull(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("timeout exceeded when trying to connect");
}
