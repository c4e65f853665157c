import { join } from "node:path";
import { createRecognizer, hashToken } from "../access/root-token.ts";
import { headsIn } from "../audit/heads.ts";
import type { Access } from "../broker/access.ts";
import { recoverRescued } from "../broker/attempt/rescue.ts";
import type { Broker } from "../broker/broker.ts";
import { createAccess } from "../broker/create-access.ts";
import { createBroker } from "../broker/create-broker.ts";
import { createMounts } from "../broker/create-mounts.ts";
import { type DataKeys, readResealing } from "../broker/keys/data-keys.ts";
import { createKeyRotation } from "../broker/keys/keys.ts";
import { Resealer } from "../broker/keys/resealer.ts";
import { detach, inBackground } from "../broker/process/background.ts";
import type { Context } from "../broker/process/context.ts";
import { areFiled } from "../broker/record/filing.ts";
import type { HandOver } from "../broker/record/hand-over.ts";
import { reopenLoopback } from "../broker/session/loopback-login.ts";
import { buildApp, buildLoopbackApp, buildMetricsApp } from "../http/app.ts";
import type { AppOptions } from "../http/app-types.ts";
import { SOCKET } from "../http/gate/network.ts";
import type { Tls } from "../listen/tls.ts";
import { FIRST_MOUNT } from "../mount-names.ts";
import { type AddressPolicy, addressNamed } from "../outbound/address-policy.ts";
import type { Config } from "../process/config.ts";
import { isLoopback } from "../process/proxies.ts";
import { VERSION } from "../process/version.ts";
import { LOOPBACK_REDIRECT } from "../protocol/loopback-redirect.ts";
import { findProvider, needsClientId, providerIds } from "../providers/index.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { StoreUnavailable } from "../store/port.ts";
import { watchActivity } from "./activity.ts";
import { openDevices } from "./declared.ts";
import { healthOf } from "./health.ts";
import { hostCheck } from "./listen.ts";
import type { LoopbackPorts } from "./loopback.ts";
import type { Opened } from "./open-keys.ts";
import { type RootToken, watchRootToken } from "./root-token.ts";
import { once, stop } from "./stop.ts";
import { walkFiles } from "./walk-files.ts";
import { openWaysIn, type WaysIn } from "./ways-in.ts";

/** A broker that serves. */
export interface Running extends Pick<WaysIn, "addresses" | "metricsAddresses" | "listenAlso"> {
  /** Of the first way in: `http://HOST:PORT`, `https://HOST:PORT` or `unix:PATH`. */
  readonly address: string;
  readonly rootToken: string;
  /** The file it is in, unless it was given or has been revoked. */
  readonly rootTokenAt?: string;
  readonly broker: Broker;
  /** Its store is a copy: it serves valid tokens, and sends nothing to providers. */
  readonly copy: boolean;
  /** That copy is what was left when the data went to another database. */
  readonly moved: boolean;
  /** A gauge: upstream operations and settles under way. */
  underWay(): number;
  /** Milliseconds since the last request ended; 0 while one is under way. */
  quietFor(): number;
  /** Reads the certificate's files anew, and opens those of the audit log; false where there are none. */
  reload(): boolean;
  /** Takes no more work, finishes and settles what is under way, gives everything back. */
  close(): Promise<void>;
}

/** What the routes tell of providers: their data, as they are. */
const PROVIDERS: AppOptions["providers"] = {
  ids: providerIds,
  read: (id) => {
    const found = findProvider(id);
    return found && { ...found, needsClientId: needsClientId(found, {}), options: Object.entries(found.options ?? {}) };
  },
};

/** What there is to try; nothing but in development. */
export type Development = Pick<AppOptions, "simulators" | "demo">;

interface ServeInput {
  readonly rootToken: RootToken;
  readonly deployment: Opened;
  readonly handOver: HandOver;
  readonly dataKeys: DataKeys;
  readonly activity: AppOptions["activity"];
  readonly tls?: Tls | undefined;
  readonly loopback?: LoopbackPorts | undefined;
  readonly development: Development;
}

export async function serve(
  config: Config,
  context: Context,
  start: () => Scheduler,
  { rootToken, deployment, development, tls, handOver, dataKeys, activity, loopback }: ServeInput,
): Promise<Running> {
  const { id: clusterId, keys, rotating } = deployment;
  const resealer = new Resealer(context);
  const { devices, watchRoot, ...known } = authenticators(context, rootToken, config);
  await openDevices(devices, context.log, config.file?.audit);
  const options = {
    ...appOptions(config, context),
    ...known,
    ...{ broker: createBroker(context), clusterId, walkFiles, docs, handOver, activity, providers: PROVIDERS },
    ...development,
    keys: createKeyRotation(context, { keys, dataKeys, resealer }),
  };
  const app = buildApp(options);
  const quietFor = watchActivity(app, context.clock);
  const apps = options.metricsElsewhere ? [app, buildMetricsApp(options)] : [app];
  const { addresses, ...ways } = await openWaysIn(apps, config, context, tls);
  const closeLoopback = await openLoopback(context, options, loopback);
  const { late } = await recoverRescued(context);
  const scheduler = start();
  void detach(context, late());
  bringUpToDate(context, resealer, rotating || (await readResealing(context)) !== undefined);
  context.log.info("started", { address: addresses.join(" "), version: VERSION });
  const endWatch = watchRoot();
  const isRevoked = await isRootRevoked(context, options.access, rootToken);
  return {
    ...{ address: addresses[0] ?? "", addresses, rootToken: rootToken.value, broker: options.broker },
    ...copyOf(context),
    underWay: () => context.background.size,
    quietFor,
    ...(rootToken.path !== undefined && !isRevoked && { rootTokenAt: rootToken.path }),
    ...ways,
    reload: reloader(context, ways, tls),
    close: once(() => closeLoopback().then(() => stop(context, ways, scheduler, { resealer, devices, endWatch }))),
  };
}

/** What older keys and older versions have left is taken up in the background. */
function bringUpToDate(context: Context, resealer: Resealer, rotating: boolean): void {
  if (rotating) resealer.wake();
  inBackground(context, "file credentials", areFiled(context));
}

function reloader({ audit }: Context, ways: Pick<WaysIn, "reload">, tls: Tls | undefined): Running["reload"] {
  return () => {
    ways.reload();
    audit.reopen();
    return tls !== undefined || audit.isOn;
  };
}

/** Of a person's own broker: what answers their browser; and logins that were waiting when it ended can come back again. Answers its end. */
async function openLoopback(context: Context, options: AppOptions, loopback: LoopbackPorts | undefined) {
  if (!loopback) return async () => {};
  await loopback.serve(buildLoopbackApp({ ...options, isOwnHost: isLoopback }, loopback));
  inBackground(context, "loopback", reopenLoopback(context, FIRST_MOUNT));
  return () => loopback.close();
}

async function docs() {
  return (await import("./docs-files.ts")).docsContent();
}

/** Its file may still be there, and opens nothing. Where the store does not answer nobody knows, and nothing is said. */
async function isRootRevoked({ log }: Context, { tokens }: Access, { value, path }: RootToken): Promise<boolean> {
  try {
    const isRevoked = (await tokens.find({ token: value })) === undefined;
    if (isRevoked) log.warn("root_token_revoked", { file: path });
    return isRevoked;
  } catch (error) {
    if (error instanceof StoreUnavailable) return false;
    throw error;
  }
}

function copyOf({ life }: Context): Pick<Running, "copy" | "moved"> {
  return { copy: life.copy !== undefined, moved: life.copy === "moved" };
}

function authenticators(context: Context, rootToken: RootToken, { metricsToken, data, networks }: Config) {
  const { value } = rootToken;
  const recognize = createRecognizer(hashToken(value));
  const heads = (device: string) => headsIn(join(data, "audit"), device);
  const isNamed = (address: string, host: string) => networks.hosts.has(host) || addressNamed(networks, address);
  const places = { heads, data, isNamed };
  const { callers, exchangeRoot, ...made } = createAccess(context, { rootToken: value, recognize, ...places });
  const metrics = metricsToken === undefined ? undefined : createRecognizer(hashToken(metricsToken), "metrics");
  return {
    ...made,
    watchRoot: () =>
      watchRootToken(context, rootToken, (token) => exchangeRoot(token, createRecognizer(hashToken(token)))),
    recognizer: (token: string) => callers.ready(token),
    authenticate: (token: string) => callers.authenticate(token),
    readsMetrics: async (token: string) => metrics?.(token) ?? callers.authenticate(token),
  };
}

/** By its address; `unix` names whoever connects to a socket. */
function isNamed(proxies: AddressPolicy, address: string): boolean {
  return addressNamed(proxies, address) || (address === SOCKET && proxies.hosts.has("unix"));
}

/** What the routes tell of the process, and know of where it runs. */
function appOptions(config: Config, context: Context) {
  const { trustedProxies, proxyProtocol, allowedOrigins, database, limits, metricsListen = [] } = config;
  const isOwnHost = hostCheck(config);
  const ownOrigin = URL.parse(context.publicUrl ?? "")?.origin;
  return {
    clock: context.clock,
    ...(config.telemetry?.traces && { trace: context.trace }),
    logger: context.log,
    audit: context.audit,
    limiter: context.limiter,
    health: healthOf(context),
    metrics: () => context.metrics.text(),
    metricsElsewhere: metricsListen.length > 0,
    // A balancer's header has told the address already: that client is nobody's proxy, whatever networks are trusted.
    isTrustedProxy: (address: string) =>
      trustedProxies !== undefined && (address === SOCKET || !proxyProtocol) && isNamed(trustedProxies, address),
    ...(allowedOrigins && { allowedOrigins }),
    ...(ownOrigin !== undefined && { ownOrigin }),
    ...(context.publicUrl !== undefined && { publicUrl: context.publicUrl }),
    ...(context.clientKey && { clientKey: context.clientKey.publicKey }),
    ...(context.loopback && { loopbackUrl: LOOPBACK_REDIRECT }),
    ...(isOwnHost && { isOwnHost }),
    ...(limits && { limits }),
    mounts: context.mounts,
    mountChanges: createMounts(context),
    securePages: context.publicUrl?.startsWith("https:") ?? false,
    version: VERSION,
    storageType: database ? "postgresql" : "file",
  };
}
