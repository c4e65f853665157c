import { existsSync } from "node:fs";
import { type DataKeys, followDataKeys, makeFirstKeys } from "../broker/keys/data-keys.ts";
import { followMounts } from "../broker/mount/follow.ts";
import { loadMounts } from "../broker/mount/stored.ts";
import type { Context } from "../broker/process/context.ts";
import { MountTable, namingMounts } from "../broker/process/mount-table.ts";
import { type Claimant, claimOwnership, watchOwnership } from "../broker/record/owner.ts";
import { requireFree } from "../listen/start-server.ts";
import { FIRST_MOUNT } from "../mount-names.ts";
import { type Clock, followClock, systemClock } from "../process/clock.ts";
import { type Config, ConfigError } from "../process/config.ts";
import type { Log } from "../process/log.ts";
import { type SigningKey, signingKeyOf } from "../protocol/client/client-key.ts";
import { createContext } from "./context.ts";
import { applyDeclared, inputsOfMounts } from "./declared.ts";
import { tlsOf } from "./listen.ts";
import { type Opened, openWithKeys, requireRescuable } from "./open-keys.ts";
import { requireOwnData } from "./own-data.ts";
import { rootTokenOf } from "./root-token.ts";
import { type Development, type Running, serve } from "./serve.ts";
import { makeDataFolder, openStore } from "./store.ts";
import { telemetryFor } from "./telemetry.ts";
import { witnessOf } from "./witness.ts";

export interface Composed extends Running {
  /** Resolves when the store must not be used any more: then close, and end with a failure. */
  readonly broken: Promise<Error>;
}

/** Puts the rooms together; the only place that knows them all. Throws `StoreUnusable`, `KeyUnusable`, or a system error. */
export async function compose(
  config: Config,
  log: Log,
  clock: Clock = systemClock,
  development: Development = {},
): Promise<Composed> {
  const tls = tlsOf(config, clock.now());
  const declared = config.file?.servers && inputsOfMounts(config.file.servers, config.mounts);
  await makeHome(config, log);
  const broken = Promise.withResolvers<Error>();
  const store = await openStore(config, clock, broken.resolve);
  let time = { clock, stop: () => {} };
  try {
    const deployment = await openWithKeys(config, store, clock);
    await store.recover();
    const rootToken = rootTokenOf(config.rootToken, config.data);
    if (config.database) time = await followClock(clock, () => store.now());
    const { trace, ...telemetry } = await telemetryFor(config, time.clock);
    const given = { kept: store, deployment, trace, clientKey: await clientKeyOf(config) };
    const { context, start, ...made } = contextWith(config, log, time.clock, given);
    const claimant = await claim(config, context, deployment, made.dataKeys);
    const running = await serve(config, context, start, { rootToken, deployment, development, tls, ...made });
    const ends = [...watchOthers(context, claimant, made.dataKeys), applyDeclared(context, running.broker, declared)];
    telemetry.watch(context.metrics);
    return {
      ...running,
      broken: broken.promise,
      close: () => {
        for (const end of ends) end();
        time.stop();
        return running.close().finally(telemetry.close);
      },
    };
  } catch (error) {
    time.stop();
    await store.close();
    throw error;
  }
}

function contextWith(
  config: Config,
  log: Log,
  clock: Clock,
  given: Omit<Parameters<typeof createContext>[3], "mounts">,
) {
  const mounts = new MountTable(config.mounts ?? [FIRST_MOUNT]);
  return createContext(config, namingMounts(log, mounts), clock, { ...given, mounts });
}

/** What other instances do with the store. Answers the ends of it. */
function watchOthers(context: Context, claimant: Claimant, dataKeys: DataKeys): readonly (() => void)[] {
  return [watchOwnership(context, claimant), followDataKeys(dataKeys, context), followMounts(context)];
}

/** MCP-R2. Throws `ConfigError`. */
async function clientKeyOf({ clientKey }: Config): Promise<SigningKey | undefined> {
  if (clientKey === undefined) return undefined;
  try {
    return await signingKeyOf(clientKey);
  } catch (error) {
    throw new ConfigError(`COATCHECK_CLIENT_KEY: ${(error as Error).message}`);
  }
}

/** A first start that cannot listen leaves no folder, key and token behind. */
async function makeHome(config: Config, log: Log): Promise<void> {
  if (!existsSync(config.data)) for (const where of config.listen) await requireFree(where);
  makeDataFolder(config.data);
  requireOwnData(config, log);
}

/** What has no key of its own yet is given one here, before anything is sealed. */
async function claim(config: Config, context: Context, deployment: Opened, dataKeys: DataKeys): Promise<Claimant> {
  requireRescuable(context.journal, context.seal);
  const claimant = claimantOf(config, deployment);
  await claimOwnership(context, claimant);
  await loadMounts(context);
  const { crossed } = context.mounts;
  if (crossed !== undefined) {
    throw new ConfigError(
      `--mounts: ${crossed}/ is a mount that was made by the API, and in the way of one that is named here: leave that out`,
    );
  }
  const mounts = context.mounts.all().map(({ place }) => place);
  if (!context.life.handedOver)
    await makeFirstKeys(context, dataKeys, { mounts, shared: config.database !== undefined });
  return claimant;
}

function claimantOf(config: Config, { id }: Opened): Claimant {
  const { environment, takeOver } = config;
  const witness = witnessOf(config);
  return { deployment: id, witness, takeOver, ...(environment !== undefined && { environment }) };
}
