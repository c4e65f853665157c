import type { TestContext } from "node:test";
import { compose } from "../../src/compose/compose.ts";
import type { Development, Running } from "../../src/compose/serve.ts";
import { readConfigFile } from "../../src/config-file/read.ts";
import { parseNetworks } from "../../src/outbound/address-policy.ts";
import type { Egress } from "../../src/outbound/egress.ts";
import type { Config } from "../../src/process/config.ts";
import { parseLimits } from "../../src/process/limits.ts";
import { createLog } from "../../src/process/log.ts";
import type { WayIn } from "../../src/process/way-in.ts";
import { webhooksOf } from "../../src/process/webhooks.ts";
import type { TelemetrySettings } from "../../src/telemetry/settings.ts";
import { FakeClock } from "./fake-clock.ts";
import { pass } from "./pass.ts";
import { type ApiAnswer, ROOT_TOKEN, request } from "./request.ts";
import { dataFolder } from "./temporary-folder.ts";

export interface Coatcheck {
  readonly clock: FakeClock;
  readonly running: Running;
  readonly data: string;
  /** Every log line so far. */
  readonly logged: readonly string[];
  read(path: string): Promise<ApiAnswer>;
  write(path: string, body?: unknown): Promise<ApiAnswer>;
  delete(path: string): Promise<ApiAnswer>;
  /** Moves the clock; everything that is due on the way is done at its own time. */
  pass(milliseconds: number): Promise<void>;
  /** Moves the clock until `look` says so, at most `limit` ms. */
  passUntil(what: string, look: () => boolean, limit?: number): Promise<void>;
  /** Stops it, does something, and starts it again on the same data. */
  restart(meanwhile?: () => unknown, more?: CoatcheckOptions): Promise<Coatcheck>;
}

export interface CoatcheckOptions {
  readonly clock?: FakeClock;
  readonly data?: string;
  readonly networks?: string;
  readonly egress?: Egress;
  readonly publicUrl?: string;
  readonly trustedProxies?: string;
  readonly allowedOrigins?: ReadonlySet<string>;
  readonly allowedHosts?: ReadonlySet<string>;
  /** By default `oauth2` alone. */
  readonly mounts?: readonly string[];
  /** As `--limits`. */
  readonly limits?: string;
  /** As COATCHECK_WEBHOOKS and COATCHECK_WEBHOOK_SECRET. */
  readonly webhooks?: readonly [list: string, secrets: string];
  readonly telemetry?: TelemetrySettings;
  /** The root token is the one of the data folder, as `serve` makes it. */
  readonly keepsRootToken?: boolean;
  /** By default any that is free. */
  readonly port?: number;
  readonly takeOver?: boolean;
  /** As a person's own broker. */
  readonly loopback?: boolean;
  readonly environment?: string;
  /** A configuration file, of which only what it declares is used. */
  readonly file?: string;
  /** COATCHECK_CLIENT_KEY. */
  readonly clientKey?: string | undefined;
  /** COATCHECK_KEY. */
  readonly key?: string;
  readonly development?: Development;
  /** By default one address, in clear. */
  readonly wayIn?: Partial<WayIn>;
}

/** A real broker in this process: SQLite on disk, HTTP on a free port, the guarded fetch; only its clock is false. */
export async function startCoatcheck(t: TestContext, options: CoatcheckOptions = {}): Promise<Coatcheck> {
  const data = options.data ?? dataFolder(t);
  const clock = options.clock ?? new FakeClock();
  const logged: string[] = [];
  const running = await compose(
    configOf(options, data),
    createLog("info", (line) => void logged.push(line)),
    clock,
    options.development,
  );
  const stop = once(() => running.close());
  t.after(async () => {
    await stop();
    if (logged.join("").includes(ROOT_TOKEN)) throw new Error("the root token was logged");
  });
  const broker = { clock, running, data };
  const call = (method: string, path: string, body?: unknown) =>
    unfrozen(clock, request(running.address, method, path, body));
  return {
    ...broker,
    logged,
    read: (path) => call("GET", path),
    write: (path, body = {}) => call("PUT", path, body),
    delete: (path) => call("DELETE", path),
    pass: async (milliseconds) => void (await pass(broker, milliseconds)),
    passUntil: async (what, look, limit = 3_600_000) => {
      if (!(await pass(broker, limit, look))) throw new Error(`${limit} ms passed in vain for: ${what}`);
    },
    restart: async (meanwhile, more) => {
      await stop();
      await meanwhile?.();
      return startCoatcheck(t, { ...options, data, clock, ...more });
    },
  };
}

/** How long the clock stands on the real one before it goes on for somebody who waits. Milliseconds. */
const FROZEN_MS = 5_000;

/** A request that waits for its turn by a clock that nobody moves meanwhile would never be answered: then it goes on. */
async function unfrozen<T>(clock: FakeClock, call: Promise<T>): Promise<T> {
  let seen = clock.now();
  const looks = setInterval(() => {
    if (clock.now() === seen) clock.advance(500);
    seen = clock.now();
  }, FROZEN_MS);
  return call.finally(() => clearInterval(looks));
}

function configOf(options: CoatcheckOptions, data: string): Config {
  return {
    listen: [{ host: "127.0.0.1", port: options.port ?? 0 }],
    ...options.wayIn,
    data,
    networks: parseNetworks(options.networks ?? "loopback"),
    ...(options.egress && { egress: options.egress }),
    trustedProxies: parseNetworks(options.trustedProxies ?? ""),
    ...(options.allowedOrigins && { allowedOrigins: options.allowedOrigins }),
    ...(options.allowedHosts && { allowedHosts: options.allowedHosts }),
    ...(options.mounts && { mounts: options.mounts }),
    ...(options.limits !== undefined && { limits: parseLimits(options.limits) }),
    ...(options.webhooks && { webhooks: webhooksOf(...options.webhooks) }),
    ...(options.telemetry && { telemetry: options.telemetry }),
    ...(options.clientKey !== undefined && { clientKey: options.clientKey }),
    logLevel: "info",
    dev: false,
    ownerCheck: true,
    takeOver: options.takeOver ?? false,
    ...(options.environment !== undefined && { environment: options.environment }),
    ...(options.keepsRootToken !== true && { rootToken: ROOT_TOKEN }),
    ...(options.loopback ? { loopback: true } : { publicUrl: options.publicUrl ?? "http://127.0.0.1:8200" }),
    ...(options.key !== undefined && { key: options.key }),
    ...(options.file !== undefined && { file: readConfigFile(options.file) }),
  };
}

function once(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= stop();
    return stopped;
  };
}
