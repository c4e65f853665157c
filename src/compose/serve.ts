import { createAuthenticator, hashToken } from "../access/root-token.ts";
import { recoverRescued } from "../broker/attempt/rescue.ts";
import type { Broker } from "../broker/broker.ts";
import { createBroker } from "../broker/create-broker.ts";
import { createKeyRotation } from "../broker/keys/keys.ts";
import { Resealer } from "../broker/keys/resealer.ts";
import { detach } from "../broker/process/background.ts";
import type { Context } from "../broker/process/context.ts";
import { buildApp } from "../http/app.ts";
import type { Simulator } from "../http/app-types.ts";
import { addressNamed } from "../outbound/address-policy.ts";
import type { Config } from "../process/config.ts";
import { VERSION } from "../process/version.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { watchActivity } from "./activity.ts";
import { healthOf } from "./health.ts";
import { listen, listenAlso } from "./listen.ts";
import type { Opened } from "./open-keys.ts";
import type { RootToken } from "./root-token.ts";
import { once, stop } from "./stop.ts";
import { walkFiles } from "./walk-files.ts";

/** A broker that serves. */
export interface Running {
  /** `http://HOST:PORT`, or `unix:PATH`. */
  readonly address: string;
  readonly rootToken: string;
  /** The file it is in, unless it was given. */
  readonly rootTokenAt?: string;
  readonly broker: Broker;
  /** Its store is a copy: it serves valid tokens, and sends nothing to providers. */
  readonly copy: boolean;
  /** A gauge: upstream operations and settles under way. */
  underWay(): number;
  /** Milliseconds since the last request ended; 0 while one is under way. */
  quietFor(): number;
  /** Listens at another socket too. Throws a system error. */
  listenAlso(path: string): Promise<void>;
  /** Takes no more work, finishes and settles what is under way, gives everything back. */
  close(): Promise<void>;
}

interface ServeInput {
  readonly rootToken: RootToken;
  readonly deployment: Opened;
  /** For the walk; none but in development. */
  readonly simulators: readonly Simulator[];
}

export async function serve(
  config: Config,
  context: Context,
  start: () => Scheduler,
  { rootToken, deployment, simulators }: ServeInput,
): Promise<Running> {
  const { id: clusterId, keys, rotating } = deployment;
  const broker = createBroker(context);
  const resealer = new Resealer(context);
  const rotation = createKeyRotation(context, keys, resealer);
  const app = buildApp({
    ...appOptions(config, context),
    broker,
    authenticate: createAuthenticator(hashToken(rootToken.value)),
    clusterId,
    keys: rotation,
    walkFiles,
    simulators,
  });
  const quietFor = watchActivity(app, context.clock);
  const address = await listen(app, config.listen);
  const { late } = await recoverRescued(context);
  const scheduler = start();
  void detach(context, late());
  if (rotating) resealer.wake();
  context.log.info("started", { address, version: VERSION });
  return {
    address: "path" in config.listen ? `unix:${config.listen.path}` : address,
    rootToken: rootToken.value,
    broker,
    copy: context.life.copy !== undefined,
    underWay: () => context.background.size,
    quietFor,
    ...(rootToken.path !== undefined && { rootTokenAt: rootToken.path }),
    listenAlso: (path) => listenAlso(app, path),
    close: once(() => stop(context, app, scheduler, resealer)),
  };
}

/** What the routes tell of the process, and know of where it runs. */
function appOptions({ trustedProxies, allowedOrigins, database }: Config, context: Context) {
  return {
    clock: context.clock,
    logger: context.log,
    health: healthOf(context),
    metrics: () => context.metrics.text(),
    isTrustedProxy: (address: string) => trustedProxies !== undefined && addressNamed(trustedProxies, address),
    ...(allowedOrigins && { allowedOrigins }),
    securePages: context.publicUrl?.startsWith("https:") ?? false,
    version: VERSION,
    storageType: database ? "postgresql" : "file",
  };
}
