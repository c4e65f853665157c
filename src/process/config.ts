import { join } from "node:path";
import envPaths from "env-paths";
import { type AddressPolicy, parseNetworks } from "../outbound/address-policy.ts";
import type { Egress } from "../outbound/egress.ts";
import { type DatabaseTarget, parseDatabaseUrl } from "../store/postgres/url.ts";
import type { LogLevel } from "./log.ts";
import { proxiesOf } from "./proxies.ts";
import { socketPathProblem } from "./socket-path.ts";
import { trustedWith } from "./trust.ts";

/** Everything that can be set from outside; flags win over the environment. */
export interface Config {
  readonly listen: Listen;
  /** Folder of the key and the root token, and of the SQLite database unless `database` is given. */
  readonly data: string;
  /** The PostgreSQL database; holds a password. */
  readonly database?: DatabaseTarget;
  readonly publicUrl?: string;
  /** base64url of 32 bytes, or `file:PATH`. */
  readonly key?: string;
  readonly rootToken?: string;
  readonly networks: AddressPolicy;
  readonly egress?: Egress;
  /** Reverse proxies whose `X-Forwarded-For` is believed; for limits and what people are shown, never for a right. */
  readonly trustedProxies?: AddressPolicy;
  /** Origins whose pages may use sessions. */
  readonly allowedOrigins?: ReadonlySet<string>;
  readonly logLevel: LogLevel;
  readonly dev: boolean;
  /** What its operator calls this environment; a store that belongs to another one is a copy. */
  readonly environment?: string;
  /** The operator says that nobody else uses the credentials of this copy. */
  readonly takeOver: boolean;
}

export type Listen = { readonly host: string; readonly port: number } | { readonly path: string };

/** The command line's part; all as typed. */
export interface ServeFlags {
  readonly listen?: string;
  readonly data?: string;
  readonly database?: string;
  readonly publicUrl?: string;
  readonly allowNetworks?: string;
  readonly caFile?: string;
  readonly proxyResolves?: boolean;
  readonly trustedProxies?: string;
  readonly allowOrigins?: string;
  readonly dev?: boolean;
  readonly takeOver?: boolean;
}

/** A value that cannot be used; the message is one sentence that says what to do. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Environment = Record<string, string | undefined>;

const DEV_ROOT_TOKEN = "dev-root-token";

/** Secrets are taken out of the environment, so that no child process inherits them. Throws `ConfigError`. */
export function loadConfig(flags: ServeFlags, env: Environment = process.env): Config {
  const dev = flags.dev === true;
  if (dev && flags.data !== undefined) {
    throw new ConfigError("--dev deletes its data at the end: remove --data, or remove --dev to keep the data");
  }
  const database = loadDatabase(flags.database, env);
  if (dev && database) {
    throw new ConfigError("--dev deletes its data at the end, but a database keeps them: remove --dev or --database");
  }
  const key = takeVariable(env, "COATCHECK_KEY");
  const rootToken = takeVariable(env, "COATCHECK_ROOT_TOKEN") ?? (dev ? DEV_ROOT_TOKEN : undefined);
  if (rootToken !== undefined && rootToken.length < 8) {
    throw new ConfigError("COATCHECK_ROOT_TOKEN is too short: give at least 8 characters, preferably 32 random ones");
  }
  const publicUrl = flags.publicUrl ?? env.COATCHECK_PUBLIC_URL;
  return {
    listen: parseListen(flags.listen ?? env.COATCHECK_LISTEN ?? "127.0.0.1:8200"),
    data: flags.data ?? env.COATCHECK_DATA ?? defaultData(env),
    networks: networksOf(
      "--allow-networks",
      flags.allowNetworks ?? env.COATCHECK_ALLOW_NETWORKS ?? (dev ? "loopback" : ""),
    ),
    egress: loadEgress(flags, env),
    trustedProxies: networksOf("--trusted-proxies", flags.trustedProxies ?? env.COATCHECK_TRUSTED_PROXIES ?? ""),
    allowedOrigins: originsOf(flags.allowOrigins ?? env.COATCHECK_ALLOW_ORIGINS ?? ""),
    logLevel: logLevelOf(env.COATCHECK_LOG_LEVEL ?? (dev ? "warn" : "info")),
    dev,
    takeOver: flags.takeOver === true,
    ...(env.COATCHECK_ENVIRONMENT && { environment: env.COATCHECK_ENVIRONMENT }),
    ...(publicUrl !== undefined && { publicUrl: parsePublicUrl(publicUrl) }),
    ...(database !== undefined && { database }),
    ...(key !== undefined && { key }),
    ...(rootToken !== undefined && { rootToken }),
  };
}

/** By which way requests leave: flags, COATCHECK_CA_FILE and COATCHECK_PROXY_RESOLVES, and the variables that name proxies. */
export function loadEgress(
  flags: Pick<ServeFlags, "caFile" | "proxyResolves">,
  env: Environment = process.env,
): Egress {
  const file = flags.caFile ?? (env.COATCHECK_CA_FILE || undefined);
  const ca = file === undefined ? undefined : orConfigError("--ca-file: ", () => trustedWith(file));
  const proxyFor = orConfigError("", () => proxiesOf(env));
  const proxyResolves = flags.proxyResolves ?? isOn("COATCHECK_PROXY_RESOLVES", env);
  return { proxyResolves, ...(proxyFor && { proxyFor }), ...(ca && { ca }) };
}

function isOn(name: string, env: Environment): boolean {
  const value = env[name] ?? "";
  if (!["", "0", "1", "false", "true"].includes(value)) throw new ConfigError(`${name} must be true or false`);
  return value === "1" || value === "true";
}

function orConfigError<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new ConfigError(`${prefix}${(error as Error).message}`);
  }
}

function takeVariable(env: Environment, name: string): string | undefined {
  const value = env[name];
  delete env[name];
  return value === "" ? undefined : value;
}

/** XDG state folder (~/.local/state/coatcheck), or what the system has instead. */
function defaultData(env: Environment): string {
  const state = env.XDG_STATE_HOME;
  return state === undefined || state === "" ? envPaths("coatcheck", { suffix: "" }).log : join(state, "coatcheck");
}

/** The flag, or COATCHECK_DATABASE, which is taken out of the environment. Throws `ConfigError`; it names no secret. */
export function loadDatabase(flag: string | undefined, env: Environment = process.env): DatabaseTarget | undefined {
  const variable = takeVariable(env, "COATCHECK_DATABASE");
  const url = flag ?? variable;
  if (url === undefined || url === "") return undefined;
  try {
    return parseDatabaseUrl(url);
  } catch (error) {
    throw new ConfigError(`${flag === undefined ? "COATCHECK_DATABASE" : "--database"}: ${(error as Error).message}`);
  }
}

function parseListen(text: string): Listen {
  if (text.startsWith("unix:") && text.length > 5) {
    const problem = socketPathProblem(text.slice(5));
    if (problem !== undefined) throw new ConfigError(`${problem}: give a shorter one with --listen`);
    return { path: text.slice(5) };
  }
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]]*)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    throw new ConfigError(`cannot listen on "${text}": give HOST:PORT like 127.0.0.1:8200, or unix:PATH`);
  }
  return { host: match[1] ?? (match[2] || "0.0.0.0"), port };
}

function parsePublicUrl(text: string): string {
  const url = URL.parse(text);
  const plain = url?.search === "" && url.hash === "" && url.username === "";
  if (!plain || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(`the public URL "${text}" is not valid: give an address like https://broker.example.com`);
  }
  return url.href.replace(/\/$/, "");
}

/** Throws `ConfigError`. */
export function networksOf(flag: string, list: string): AddressPolicy {
  return orConfigError(`${flag}: `, () => parseNetworks(list));
}

/** Each as a browser writes it in `Origin`: scheme, host, and a port that is not the usual one. */
function originsOf(list: string): ReadonlySet<string> {
  const origins = list.split(/[\s,]+/).filter((one) => one !== "");
  for (const one of origins) {
    const url = URL.parse(one);
    if (url?.origin === one && /^https?:$/.test(url.protocol)) continue;
    throw new ConfigError(`--allow-origins: "${one}" is not an origin: give one like https://app.example.com`);
  }
  return new Set(origins);
}

const LEVELS: readonly LogLevel[] = ["info", "warn", "error", "silent"];

function logLevelOf(text: string): LogLevel {
  const level = LEVELS.find((known) => known === text);
  if (!level) throw new ConfigError(`COATCHECK_LOG_LEVEL must be one of ${LEVELS.join(", ")}`);
  return level;
}
