import { isIP } from "node:net";
import { requirePassfile } from "./passfile.ts";
import { type DatabaseTls, tlsOf } from "./tls.ts";

/** Where a database server listens. */
interface DatabaseAddress {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  /** Where to connect to instead; the certificate is still the host's. */
  readonly hostaddr?: string;
  readonly port: number;
}

/** What libpq calls channel_binding: whether the login proves that both ends of the TLS connection are the same (RFC 5929). */
type ChannelBinding = "require" | "prefer" | "disable";

/** Where the database is and how it is talked to. */
export interface DatabaseTarget extends DatabaseAddress {
  /** Further servers, tried in this order: one of all is the primary. */
  readonly others?: readonly DatabaseAddress[];
  readonly user?: string;
  readonly password?: string;
  /** Where the password is looked up for each connection, if none is given. */
  readonly passfile?: string;
  readonly database?: string;
  readonly channelBinding: ChannelBinding;
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
  statement_timeout: { usual: 5_000, least: 100 },
  lock_timeout: { usual: 3_000, least: 100 },
  idle_in_transaction_session_timeout: { usual: 10_000, least: 100 },
} as const;

/** Seconds, as libpq counts them. A read has 9 s: time for one connection and one statement. */
const CONNECT_TIMEOUT = { usual: 3, most: 60 };

/** What libpq knows beside the numbers (https://www.postgresql.org/docs/current/libpq-connect.html), as far as it means something here. */
const TEXTS = [
  ...["host", "hostaddr", "port", "user", "password", "passfile", "dbname", "connect_timeout", "target_session_attrs"],
  ...["sslmode", "sslrootcert", "sslcert", "sslkey", "application_name", "options", "channel_binding"],
];

/** What libpq knows and nobody reads here, with what to give instead. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["service", "write into the address what the service file says of it"],
  ["sslpassword", "give a key without a password as sslkey"],
  ["sslcrl", "leave it out: revoked certificates are not looked up"],
  ["gssencmode", "leave it out: connections are encrypted by TLS alone (sslmode)"],
]);

const KNOWN: readonly string[] = [...Object.keys(NUMBERS), ...TEXTS];

type Parameters = ReadonlyMap<string, string>;

/**
 * Reads `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?PARAMETER=…`, or libpq's `host=… dbname=…`. Not by `URL`,
 * which refuses an empty host beside a user, as a Unix socket has it. Throws an `Error` whose message says what to give,
 * and repeats nothing of the text but the names of its parameters.
 */
export function parseDatabaseUrl(text: string): DatabaseTarget {
  const parameters = text.includes("://") ? ofUrl(text) : ofWords(text);
  for (const name of parameters.keys()) {
    const instead = INSTEAD.get(name);
    if (instead !== undefined) throw new Error(`the parameter ${name} is not supported: ${instead}`);
    if (!KNOWN.includes(name))
      throw new Error(`unknown parameter ${name}: the known parameters are ${KNOWN.join(", ")}`);
  }
  requireWritable(parameters.get("target_session_attrs"));
  const ssl = tlsOf(parameters);
  const texts = { user: "user", password: "password", passfile: "passfile", dbname: "database", options: "options" };
  const given = optional(parameters, texts);
  if (given.passfile !== undefined && given.password === undefined) requirePassfile(given.passfile);
  return {
    ...addressesOf(parameters),
    ...given,
    ssl,
    channelBinding: channelBindingOf(parameters.get("channel_binding"), ssl !== false),
    applicationName: parameters.get("application_name") ?? "coatcheck",
    poolSize: numberOf(parameters, "pool_size"),
    connectTimeout: connectTimeoutOf(parameters) * 1_000,
    statementTimeout: numberOf(parameters, "statement_timeout"),
    lockTimeout: numberOf(parameters, "lock_timeout"),
    idleInTransactionTimeout: numberOf(parameters, "idle_in_transaction_session_timeout"),
  };
}

/** Parameters of the query go before what the other parts say. */
function ofUrl(text: string): Parameters {
  const match = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^@/?#]*))?(?:\?([^#]*))?$/.exec(text);
  if (!match) {
    throw new Error("give postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded");
  }
  const [, login = "", place = "", dbname = "", query = ""] = match;
  const [user = "", ...password] = login.split(":");
  const places = place.split(",").map((one) => /^(\[[0-9a-f:.]+\]|[^:]*)(?::(\d*))?$/i.exec(one) ?? wrongPlace());
  const parts = {
    ...{ user, password: password.join(":"), dbname },
    host: places.map(([, host = ""]) => host.replace(/^\[|\]$/g, "")).join(","),
    port: places.map(([, , port = ""]) => port).join(","),
  };
  const given = Object.entries(parts).filter(([, value]) => value.replaceAll(",", "") !== "");
  const pairs = query.split("&").filter((pair) => pair !== "");
  return new Map([
    ...given.map(([name, value]) => [name, decoded(value)] as const),
    // Not by URLSearchParams: to libpq a plus sign is one.
    ...pairs.map((pair) => [decoded(pair.split("=", 1)[0] ?? ""), decoded(pair.replace(/^[^=]*=?/, ""))] as const),
  ]);
}

/** `host=/run/postgresql password='it\\'s'`: values with spaces are in quotes, and a backslash takes the next character as it is. */
function ofWords(text: string): Parameters {
  const parameters = new Map<string, string>();
  const word = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gsy;
  for (let end = 0; end < text.trimEnd().length; end = word.lastIndex) {
    const [, name, quoted, plain = ""] = word.exec(text) ?? [];
    if (name === undefined) throw new Error("give postgres://USER:PASSWORD@HOST:PORT/DATABASE, or host=… dbname=…");
    parameters.set(name, (quoted ?? plain).replaceAll(/\\(.)/gs, "$1"));
  }
  return parameters;
}

function wrongPlace(): never {
  throw new Error("give each host with one port at most, like HOST:5432,HOST:5432");
}

/** One port for all hosts, or one for each; an address for each, or for none. */
function addressesOf(parameters: Parameters): DatabaseAddress & Pick<DatabaseTarget, "others"> {
  const listOf = (name: string) => (parameters.get(name) ?? "").split(",");
  const [hostaddrs, ports] = [listOf("hostaddr"), listOf("port")];
  // libpq: without any host the addresses are the hosts.
  const hosts = parameters.get("host") ? listOf("host") : hostaddrs;
  if (ports.length > 1 && ports.length !== hosts.length) throw new Error("give one port, or one for each host");
  if (parameters.get("hostaddr") && hostaddrs.length !== hosts.length) {
    throw new Error("give one hostaddr for each host; an empty one leaves its host to be looked up");
  }
  const addresses = hosts.map((host, index) => {
    const port = (ports.length === 1 ? ports[0] : ports[index]) || "5432";
    if (!/^\d{1,5}$/.test(port) || Number(port) === 0 || Number(port) > 65_535) wrongPlace();
    const hostaddr = hostaddrs[index];
    if (!hostaddr) return { host: host === "" ? "localhost" : host, port: Number(port) };
    if (isIP(hostaddr) === 0) throw new Error("hostaddr must be an IPv4 or IPv6 address: give a name as host");
    return { host: host === "" ? hostaddr : host, hostaddr, port: Number(port) };
  });
  const [first = { host: "localhost", port: 5_432 }, ...others] = addresses;
  return others.length === 0 ? first : { ...first, others };
}

/** The broker writes: of several hosts the first that takes writes is meant, whichever of these words says so. */
function requireWritable(attributes = "any"): void {
  if (["any", "read-write", "primary"].includes(attributes)) return;
  throw new Error(
    "target_session_attrs must be read-write, primary or any: the broker needs a database that it can write",
  );
}

/** libpq: `prefer` unless said; it binds to the channel of TLS, and without TLS there is none. */
function channelBindingOf(binding = "prefer", encrypted: boolean): ChannelBinding {
  if (binding === "prefer" || binding === "disable") return binding;
  if (binding !== "require") throw new Error("channel_binding must be require, prefer or disable");
  if (encrypted) return binding;
  throw new Error("channel_binding=require needs TLS: add sslmode=verify-full");
}

/** Parameter → what it is called here; an empty one says nothing. */
function optional<Name extends string>(parameters: Parameters, names: Readonly<Record<string, Name>>) {
  const given = Object.entries(names).filter(([name]) => parameters.get(name));
  return Object.fromEntries(given.map(([name, called]) => [called, parameters.get(name)])) as {
    [name in Name]?: string;
  };
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

function connectTimeoutOf(parameters: Parameters): number {
  const { usual, most } = CONNECT_TIMEOUT;
  const text = parameters.get("connect_timeout") ?? String(usual);
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= most) return seconds;
  throw new Error(`connect_timeout must be a whole number of seconds from 1 to ${most}`);
}

function numberOf(parameters: Parameters, name: keyof typeof NUMBERS): number {
  const { usual, least } = NUMBERS[name];
  const text = parameters.get(name);
  if (text === undefined) return usual;
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least) throw new Error(`${name} must be a whole number of at least ${least}`);
  return value;
}
