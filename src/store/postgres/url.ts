import { type DatabaseTls, tlsOf } from "./tls.ts";

/** Where the database is and how it is talked to. */
export interface DatabaseTarget {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** False = not encrypted. */
  readonly ssl: DatabaseTls | false;
  readonly applicationName: string;
  /** Settings of the session as the server takes them: `-c search_path=…`. */
  readonly options?: string;
  /** Connections, besides one that listens. */
  readonly poolSize: number;
  /** All in milliseconds. */
  readonly connectTimeout: number;
  readonly statementTimeout: number;
  readonly lockTimeout: number;
  readonly idleInTransactionTimeout: number;
}

/** Numbers: what they are without being given, and the least that makes sense. Milliseconds, but for the size. */
const NUMBERS = {
  pool_size: { usual: 10, least: 1 },
  // A read has 9 s: time for one connection and one statement.
  connect_timeout: { usual: 3_000, least: 100 },
  statement_timeout: { usual: 5_000, least: 100 },
  lock_timeout: { usual: 3_000, least: 100 },
  idle_in_transaction_session_timeout: { usual: 10_000, least: 100 },
} as const;

const TEXTS = ["host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "application_name", "options"] as const;

const KNOWN: readonly string[] = [...Object.keys(NUMBERS), ...TEXTS];

/**
 * Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETER=…`. Not by `URL`, which refuses an empty host beside a
 * user, as a Unix socket has it. Throws an `Error` whose message says what to give, and repeats nothing of the URL but
 * the names of its parameters.
 */
export function parseDatabaseUrl(text: string): DatabaseTarget {
  const match = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^@/?#]*))?(?:\?([^#]*))?$/.exec(text);
  if (!match) {
    throw new Error("give postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded");
  }
  const [, login = "", place = "", database = "", query = ""] = match;
  const parameters = parametersOf(query);
  const [user = "", ...password] = login.split(":");
  return {
    ...addressOf(place, parameters),
    ...optional({ user, password: password.join(":"), database }),
    ssl: tlsOf(parameters),
    applicationName: parameters.get("application_name") ?? "coatcheck",
    ...(parameters.has("options") && { options: parameters.get("options") ?? "" }),
    poolSize: numberOf(parameters, "pool_size"),
    connectTimeout: numberOf(parameters, "connect_timeout"),
    statementTimeout: numberOf(parameters, "statement_timeout"),
    lockTimeout: numberOf(parameters, "lock_timeout"),
    idleInTransactionTimeout: numberOf(parameters, "idle_in_transaction_session_timeout"),
  };
}

function parametersOf(query: string): ReadonlyMap<string, string> {
  const parameters = new Map(new URLSearchParams(query));
  for (const name of parameters.keys()) {
    if (!KNOWN.includes(name))
      throw new Error(`unknown parameter ${name}: the known parameters are ${KNOWN.join(", ")}`);
  }
  return parameters;
}

function addressOf(place: string, parameters: ReadonlyMap<string, string>): { host: string; port: number } {
  const match = /^(\[[0-9a-f:.]+\]|[^:]*)(?::(\d{1,5}))?$/i.exec(place);
  const port = Number(parameters.get("port") ?? match?.[2] ?? 5432);
  if (!match || !(port > 0 && port < 65_536)) throw new Error("give one host and one port, like HOST:5432");
  const host = parameters.get("host") ?? decoded(match[1] ?? "").replace(/^\[|\]$/g, "");
  return { host: host === "" ? "localhost" : host, port };
}

function optional(parts: Readonly<Record<"user" | "password" | "database", string>>) {
  const given = Object.entries(parts).filter(([, value]) => value !== "");
  return Object.fromEntries(given.map(([name, value]) => [name, decoded(value)])) as Partial<typeof parts>;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(
      "invalid percent-encoding: percent-encode the special characters in user, password and database name",
    );
  }
}

function numberOf(parameters: ReadonlyMap<string, string>, name: keyof typeof NUMBERS): number {
  const { usual, least } = NUMBERS[name];
  const text = parameters.get(name);
  if (text === undefined) return usual;
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least) throw new Error(`${name} must be a whole number of at least ${least}`);
  return value;
}
