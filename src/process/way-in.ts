import type { TlsFiles } from "../listen/certificates.ts";
import { ConfigError, orConfigError } from "./config-error.ts";
import { type Listen, parseListen, passedSockets, type SocketRights, socketRights } from "./listening.ts";
import { type Environment, isOn, takeSecret } from "./variables.ts";

/** How requests come in. */
export interface WayIn {
  /** One at least. */
  readonly listen: readonly Listen[];
  /** By address connections are encrypted. */
  readonly tls?: TlsFiles;
  /** By address connections begin with a PROXY header of a trusted proxy. */
  readonly proxyProtocol?: boolean;
  /** Health and metrics are answered there; then metrics nowhere else. */
  readonly metricsListen?: readonly Listen[];
  /** Reads metrics and nothing else. */
  readonly metricsToken?: string;
}

/** The command line's part; all as typed. */
export interface WayInFlags {
  readonly listen?: string | readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly socketMode?: string;
  readonly socketGroup?: string;
  readonly proxyProtocol?: boolean;
  readonly metricsListen?: string;
}

const DEFAULT = "127.0.0.1:8200";

/** Name of a socket that systemd passes for metrics (`FileDescriptorName=`, systemd.socket(5)). */
const METRICS = "metrics";

/** A token that can be guessed is none; 20 characters of base64 are 120 bits. */
export const SHORTEST_TOKEN = 20;

/** Throws `ConfigError`. */
export function loadWayIn(flags: WayInFlags, env: Environment): WayIn {
  const mode = flags.socketMode ?? env.COATCHECK_SOCKET_MODE;
  const group = flags.socketGroup ?? env.COATCHECK_SOCKET_GROUP;
  const rights = orConfigError("", () => socketRights(mode, group));
  const passed = passedSockets(env);
  const named = listed(flags.listen ?? env.COATCHECK_LISTEN, "--listen", rights);
  const metrics = listed(flags.metricsListen ?? env.COATCHECK_METRICS_LISTEN, "--metrics-listen", rights);
  const of = (isMetrics: boolean) =>
    passed.filter(({ name }) => (name === METRICS) === isMetrics).map(({ fd }) => ({ fd }));
  const listen = [...of(false), ...named];
  const tls = tlsOf(flags, env);
  const metricsToken = metricsTokenOf(env);
  return {
    listen: listen.length > 0 ? listen : listed(DEFAULT, "--listen", rights),
    ...(tls && { tls }),
    proxyProtocol: flags.proxyProtocol ?? isOn("COATCHECK_PROXY_PROTOCOL", env),
    metricsListen: [...of(true), ...metrics],
    ...(metricsToken !== undefined && { metricsToken }),
  };
}

/** A flag is given once for each; a variable has commas between them. */
function listed(given: string | readonly string[] | undefined, flag: string, rights: SocketRights): readonly Listen[] {
  const texts = typeof given === "string" ? given.split(",") : (given ?? []);
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((text) => orConfigError("", () => parseListen(text, rights, flag)));
}

function tlsOf(flags: WayInFlags, env: Environment): TlsFiles | undefined {
  const cert = flags.tlsCert ?? (env.COATCHECK_TLS_CERT || undefined);
  const key = flags.tlsKey ?? (env.COATCHECK_TLS_KEY || undefined);
  const clientCa = flags.tlsClientCa ?? (env.COATCHECK_TLS_CLIENT_CA || undefined);
  if (cert !== undefined && key !== undefined) return { cert, key, ...(clientCa !== undefined && { clientCa }) };
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined;
  throw new ConfigError("TLS needs a certificate and its key: give both --tls-cert and --tls-key");
}

function metricsTokenOf(env: Environment): string | undefined {
  const token = takeSecret(env, "COATCHECK_METRICS_TOKEN");
  if (token === undefined || (token.length >= SHORTEST_TOKEN && /^[\x21-\x7e]+$/.test(token))) return token;
  throw new ConfigError(
    `COATCHECK_METRICS_TOKEN must have at least ${SHORTEST_TOKEN} characters, all of ASCII and without spaces: give random ones`,
  );
}
