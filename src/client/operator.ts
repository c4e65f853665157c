import { CoatcheckError } from "./errors.ts";
import {
  type Call,
  type Connection,
  type ConnectionOptions,
  call,
  connect,
  encodePath,
  encodeSegment,
} from "./transport.ts";
import type { SessionList } from "./wire.ts";

export interface OperatorOptions extends ConnectionOptions {
  /** The operator's token. */
  readonly token: string;
  /** The engine's mount. */
  readonly mount?: string;
}

/** An answer of `/v1`. */
export interface Answer<Data = Readonly<Record<string, unknown>>> {
  readonly data: Data | null;
  readonly warnings: readonly string[] | null;
  /** Of what makes or renews a token of the API: `client_token`, `accessor`, `policies` …; null or absent otherwise. */
  readonly auth?: Readonly<Record<string, unknown>> | null;
  /** Seconds of life left of a token; 0 where that means nothing. */
  readonly lease_duration: number;
}

export type Parameters = Readonly<Record<string, unknown>>;
export type Query = NonNullable<Call["query"]>;

/** Until now, of any server, where nothing else is said. */
export interface SessionRange {
  readonly since: Date;
  readonly until?: Date;
  readonly server?: string;
}

/** Reads, writes, deletes and lists one kind of record by name. */
export interface Records {
  /** `undefined` where there is none. */
  read(name: string, query?: Query): Promise<Answer | undefined>;
  write(name: string, parameters: Parameters): Promise<Answer | undefined>;
  delete(name: string, query?: Query): Promise<Answer | undefined>;
  /** Names below the prefix, sorted; an empty list where there are none. */
  list(prefix?: string): Promise<readonly string[]>;
}

/** The operator's calls: any path below `/v1`, and the records of one mount by name. */
export interface Operator extends Pick<Records, "read" | "write" | "delete"> {
  /** What lies below a path; `query` may have `limit`, `after` and filters. */
  list(path: string, query?: Query): Promise<Answer | undefined>;
  readonly servers: Records;
  readonly creds: Records;
  readonly self: Records;
  readonly sessions: {
    /** One page; the next one by `after`. */
    list(query?: Query): Promise<SessionList>;
    /** Ends a session by its public id; what could not be done at the provider comes back as warnings. */
    end(id: string): Promise<readonly string[]>;
    /** Ends all whose login was started in a range of time; answers how many. */
    revoke(range: SessionRange): Promise<number>;
  };
  readonly config: {
    read(): Promise<Answer | undefined>;
    write(parameters: Parameters): Promise<Answer | undefined>;
    delete(): Promise<Answer | undefined>;
  };
}

/**
 * What operators do, over `/v1`.
 *
 * @example
 * ```ts
 * const broker = operator({ broker: "https://broker.example.com", token });
 * await broker.servers.write("github", { provider: "github", client_id: "…", allow_sessions: true });
 * ```
 */
export function operator({ token, mount = "oauth2", ...options }: OperatorOptions): Operator {
  const connection = connect(options);
  const paths = pathsOf(connection, token);
  const records = (kind: string): Records => ({
    read: (name, query) => paths.read(`${mount}/${kind}/${name}`, query),
    write: (name, parameters) => paths.write(`${mount}/${kind}/${name}`, parameters),
    delete: (name, query) => paths.delete(`${mount}/${kind}/${name}`, query),
    list: async (prefix = "") => keysOf(await paths.list(`${mount}/${kind}/${prefix}`)),
  });
  const config = `${mount}/config`;
  return {
    ...paths,
    servers: records("servers"),
    creds: records("creds"),
    self: records("self"),
    sessions: sessionsOf(connection, token),
    config: {
      read: () => paths.read(config),
      write: (parameters) => paths.write(config, parameters),
      delete: () => paths.delete(config),
    },
  };
}

function pathsOf(connection: Connection, bearer: string) {
  const ask = async (method: Call["method"], path: string, more: Pick<Call, "query" | "body"> = {}) =>
    call<Answer | undefined>(connection, { method, path: `v1/${encodePath(path)}`, bearer, ...more });
  const orNothing = (answer: Promise<Answer | undefined>) =>
    answer.catch((error: unknown) => {
      if (error instanceof CoatcheckError && error.code === "not_found") return undefined;
      throw error;
    });
  return {
    read: (path: string, query: Query = {}) => orNothing(ask("GET", path, { query })),
    write: (path: string, body: Parameters) => ask("PUT", path, { body }),
    delete: (path: string, query: Query = {}) => ask("DELETE", path, { query }),
    list: (path: string, query: Query = {}) => orNothing(ask("GET", path, { query: { ...query, list: true } })),
  };
}

function sessionsOf(connection: Connection, bearer: string): Operator["sessions"] {
  return {
    list: (query = {}) => call(connection, { method: "GET", path: "sessions", bearer, query }),
    end: async (id) => {
      const path = `sessions/${encodeSegment(id)}`;
      const ended = await call<{ warnings: string[] } | undefined>(connection, { method: "DELETE", path, bearer });
      return ended?.warnings ?? [];
    },
    revoke: async ({ since, until, server }) => {
      const body = { since: since.toISOString(), until: until?.toISOString(), server };
      const path = "sessions/revoke";
      return (await call<{ revoked: number }>(connection, { method: "POST", path, bearer, body })).revoked;
    },
  };
}

function keysOf(answer: Answer | undefined): readonly string[] {
  return (answer?.data as { readonly keys?: readonly string[] } | undefined)?.keys ?? [];
}
