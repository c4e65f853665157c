import { join } from "node:path";
import envPaths from "env-paths";
import type { ConfigFile } from "../config-file/read.ts";
import { fillEnvironment, readConfigFile, requireNoMistakes, secretFilesIn } from "../config-file/read.ts";
import { mountsOf } from "../mount-names.ts";
import type { AddressPolicy } from "../outbound/address-policy.ts";
import type { Egress } from "../outbound/egress.ts";
import { type DatabaseTarget, parseDatabaseUrl } from "../store/postgres/url.ts";
import { type TelemetrySettings, telemetryOf } from "../telemetry/settings.ts";
import { ConfigError, orConfigError } from "./config-error.ts";
import { type Limits, parseLimits } from "./limits.ts";
import type { LogLevel } from "./log.ts";
import { replaceableFile } from "./own-path.ts";
import { proxiesOf } from "./proxies.ts";
import { checksOwner, hostsOf, logLevelOf, networksOf, originsOf, parsePublicUrl } from "./setting-values.ts";
import { trustedWith } from "./trust.ts";
import { type Environment, isOn, secretFilesOf, takeSecret } from "./variables.ts";
import { loadWayIn, SHORTEST_TOKEN, type WayIn, type WayInFlags } from "./way-in.ts";
import { type Webhook, webhooksOf } from "./webhooks.ts";

export { ConfigError };

/** Everything that can be set from outside: flags win over the environment, and that over a configuration file. */
export interface Config extends WayIn {
  /** Folder of the key and the root token, and of the SQLite database unless `database` is given. */
  readonly data: string;
  /** The PostgreSQL database; holds a password. */
  readonly database?: DatabaseTarget;
  readonly publicUrl?: string;
  /** PEM or JWK: the broker signs as a client by its own metadata document. */
  readonly clientKey?: string;
  /** base64url of 32 bytes, or `file:PATH`. */
  readonly key?: string;
  readonly rootToken?: string;
  readonly networks: AddressPolicy;
  readonly egress?: Egress;
  /** Reverse proxies whose `X-Forwarded-For` is believed; for limits and what people are shown, never for a right. */
  readonly trustedProxies?: AddressPolicy;
  /** Origins whose pages may use sessions. */
  readonly allowedOrigins?: ReadonlySet<string>;
  /** Hosts that it is asked for besides its own; in lower case, without a port. */
  readonly allowedHosts?: ReadonlySet<string>;
  /** The first is that of sessions. */
  readonly mounts?: readonly string[];
  /** What it takes on at once; by default those of process/limits. */
  readonly limits?: Limits;
  readonly logLevel: LogLevel;
  readonly dev: boolean;
  /** What its operator calls this environment; a store that belongs to another one is a copy. */
  readonly environment?: string;
  /** What `_FILE` variables name. */
  readonly secretFiles?: readonly string[];
  /** False: data that other users can change are used, and the log says so. */
  readonly ownerCheck: boolean;
  /** What OpenTelemetry sends; absent where it is off. */
  readonly telemetry?: TelemetrySettings;
  /** Endpoints that are told what becomes of logins; none by default. */
  readonly webhooks?: readonly Webhook[];
  /** The operator says that nobody else uses the credentials of this copy. */
  readonly takeOver: boolean;
  /** Seconds without a request after which it ends. */
  readonly idle?: number;
  /** A person's own broker: browsers come back to ports of this machine. */
  readonly loopback?: boolean;
  /** The file that said a part of this. */
  readonly file?: ConfigFile;
}

/** The command line's part; all as typed. */
export interface ServeFlags extends WayInFlags {
  readonly config?: string;
  readonly data?: string;
  readonly database?: string;
  readonly publicUrl?: string;
  readonly allowNetworks?: string;
  readonly caFile?: string;
  readonly proxyResolves?: boolean;
  readonly trustedProxies?: string;
  readonly allowOrigins?: string;
  readonly dataOwnerCheck?: string;
  readonly allowHosts?: string;
  readonly mounts?: string;
  readonly limits?: string;
  readonly webhooks?: string;
  readonly dev?: boolean;
  readonly takeOver?: boolean;
  readonly idle?: string;
  readonly loopback?: boolean;
}

/** The root token of `--dev`: no secret, everybody reads it in the documentation. */
export const DEV_ROOT_TOKEN = "dev-root-token";

/** Secrets are taken out of the environment, so that no child process inherits them. Throws `ConfigError`. */
export function loadConfig(flags: ServeFlags, env: Environment = process.env): Config {
  const file = openFile(flags, env);
  const secretFiles = [...secretFilesOf(env), ...secretFilesIn(file)];
  const dev = flags.dev === true;
  if (dev && flags.data !== undefined) {
    throw new ConfigError("--dev deletes its data at the end: remove --data, or remove --dev to keep the data");
  }
  const database = loadDatabase(flags.database, env);
  if (dev && database) {
    throw new ConfigError("--dev deletes its data at the end, but a database keeps them: remove --dev or --database");
  }
  // In a file there is one a line.
  const key = takeSecret(env, "COATCHECK_KEY")?.replaceAll(/\s*\n\s*/g, ",");
  const rootToken = longEnough(takeSecret(env, "COATCHECK_ROOT_TOKEN"), dev);
  const publicUrl = flags.publicUrl ?? env.COATCHECK_PUBLIC_URL;
  const networks = flags.allowNetworks ?? env.COATCHECK_ALLOW_NETWORKS ?? (dev ? "loopback" : "");
  return {
    ...wayInOf(flags, env, rootToken),
    data: flags.data ?? env.COATCHECK_DATA ?? defaultData(env),
    networks: networksOf("--allow-networks", networks),
    ...wayOutOf(flags, env),
    allowedOrigins: originsOf(flags.allowOrigins ?? env.COATCHECK_ALLOW_ORIGINS ?? ""),
    allowedHosts: hostsOf(flags.allowHosts ?? env.COATCHECK_ALLOW_HOSTS ?? ""),
    mounts: orConfigError("--mounts: ", () => mountsOf(flags.mounts ?? env.COATCHECK_MOUNTS ?? "")),
    limits: orConfigError("--limits: ", () => parseLimits(flags.limits ?? env.COATCHECK_LIMITS ?? "")),
    logLevel: logLevelOf(env.COATCHECK_LOG_LEVEL ?? (dev ? "warn" : "info")),
    dev,
    secretFiles,
    ownerCheck: checksOwner(flags.dataOwnerCheck ?? env.COATCHECK_DATA_OWNER_CHECK),
    takeOver: flags.takeOver === true,
    ...(file && { file }),
    ...ownBrokerOf(flags, env),
    ...(env.COATCHECK_ENVIRONMENT && { environment: env.COATCHECK_ENVIRONMENT }),
    ...(publicUrl !== undefined && { publicUrl: parsePublicUrl(publicUrl) }),
    ...(database !== undefined && { database }),
    ...(key !== undefined && { key }),
    ...(rootToken !== undefined && { rootToken }),
  };
}

function wayInOf(
  flags: ServeFlags,
  env: Environment,
  rootToken: string | undefined,
): WayIn & Pick<Config, "trustedProxies"> {
  const wayIn = loadWayIn(flags, env);
  if (wayIn.metricsToken !== undefined && wayIn.metricsToken === rootToken) {
    throw new ConfigError("COATCHECK_METRICS_TOKEN is the root token: give another one, for metrics and nothing else");
  }
  const trusted = flags.trustedProxies ?? env.COATCHECK_TRUSTED_PROXIES ?? "";
  if (wayIn.proxyProtocol && trusted === "") {
    throw new ConfigError("--proxy-protocol believes whoever sends it: name the load balancers with --trusted-proxies");
  }
  return { ...wayIn, trustedProxies: networksOf("--trusted-proxies", trusted) };
}

function wayOutOf(
  flags: ServeFlags,
  env: Environment,
): Pick<Config, "egress" | "webhooks" | "telemetry" | "clientKey"> {
  const clientKey = takeSecret(env, "COATCHECK_CLIENT_KEY");
  const secrets = takeSecret(env, "COATCHECK_WEBHOOK_SECRET");
  const telemetry = telemetryOf(env);
  return {
    egress: loadEgress(flags, env),
    ...(telemetry && { telemetry }),
    ...(clientKey && { clientKey }),
    webhooks: webhooksOf(flags.webhooks ?? env.COATCHECK_WEBHOOKS ?? "", secrets),
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

/**
 * `--config` or COATCHECK_CONFIG: what it says takes the place of variables that are not set. Undefined where none is named.
 * Whoever can write it decides where tokens and secrets are sent, so one that others can write is refused (ST-12), unless the flag or
 * the variable (never the file itself) turns that check off. Throws `ConfigError`.
 */
export function openFile(
  { config, dataOwnerCheck }: Pick<ServeFlags, "config" | "dataOwnerCheck">,
  env: Environment = process.env,
): ConfigFile | undefined {
  const path = config ?? env.COATCHECK_CONFIG;
  if (path === undefined || path === "") return undefined;
  const exposed = checksOwner(dataOwnerCheck ?? env.COATCHECK_DATA_OWNER_CHECK) ? replaceableFile(path) : undefined;
  if (exposed)
    throw new ConfigError(
      `${exposed.message}; to use it all the same give --data-owner-check off (COATCHECK_DATA_OWNER_CHECK)`,
    );
  const file = readConfigFile(path);
  requireNoMistakes(file.path, file.mistakes);
  fillEnvironment(env, file);
  return file;
}

/** What a person's own broker is started with. */
function ownBrokerOf(
  flags: Pick<ServeFlags, "idle" | "loopback">,
  env: Environment,
): Pick<Config, "idle" | "loopback"> {
  const loopback = flags.loopback ?? isOn("COATCHECK_LOOPBACK", env);
  const text = flags.idle ?? env.COATCHECK_IDLE ?? "";
  if (text === "") return { loopback };
  if (/^[1-9]\d{0,8}$/.test(text)) return { loopback, idle: Number(text) };
  throw new ConfigError(`--idle "${text}" is not a number of seconds`);
}

/** The token of --dev is for one machine. */
function longEnough(given: string | undefined, dev: boolean): string | undefined {
  const rootToken = given ?? (dev ? DEV_ROOT_TOKEN : undefined);
  const isFixed = dev && rootToken === DEV_ROOT_TOKEN;
  if (rootToken === undefined || isFixed || rootToken.length >= SHORTEST_TOKEN) return rootToken;
  throw new ConfigError(
    `COATCHECK_ROOT_TOKEN is too short: give at least ${SHORTEST_TOKEN} random characters (openssl rand -hex 20)`,
  );
}

/** XDG state folder (~/.local/state/coatcheck), or what the system has instead. */
function defaultData(env: Environment): string {
  const state = env.XDG_STATE_HOME;
  return state === undefined || state === "" ? envPaths("coatcheck", { suffix: "" }).log : join(state, "coatcheck");
}

/** The flag, or COATCHECK_DATABASE, which is taken out of the environment. Throws `ConfigError`; it names no secret. */
export function loadDatabase(flag: string | undefined, env: Environment = process.env): DatabaseTarget | undefined {
  const variable = takeSecret(env, "COATCHECK_DATABASE");
  const url = flag ?? variable;
  if (url === undefined || url === "") return undefined;
  try {
    return parseDatabaseUrl(url);
  } catch (error) {
    throw new ConfigError(`${flag === undefined ? "COATCHECK_DATABASE" : "--database"}: ${(error as Error).message}`);
  }
}
