import type { KeptDevices } from "../broker/audit/audit-devices.ts";
import type { Broker, ServerInput } from "../broker/broker.ts";
import { BrokerError } from "../broker/errors.ts";
import { inBackground } from "../broker/process/background.ts";
import type { Context } from "../broker/process/context.ts";
import type { DeclaredDevice } from "../config-file/audit.ts";
import { type DeclaredMount, type DeclaredServer, requireMounts, withSecrets } from "../config-file/servers.ts";
import { serverInput, wireName } from "../http/vault/servers.ts";
import { FIRST_MOUNT } from "../mount-names.ts";
import { ConfigError } from "../process/config-error.ts";
import type { Log } from "../process/log.ts";

/** What was not possible now is tried again after so long. Milliseconds. */
const AGAIN_MS = 60_000;

type Input = readonly [name: string, input: ServerInput];

/** Reads the secrets of what is declared, once. Throws `ConfigError`. */
export function inputsOf(servers: readonly DeclaredServer[]): readonly Input[] {
  return servers.map((server) => [server.name, serverInput(withSecrets(server))]);
}

interface MountInputs {
  readonly mount: string;
  readonly inputs: readonly Input[];
}

/** The same of each mount that is declared; `mounts`: those that are there. Throws `ConfigError`. */
export function inputsOfMounts(
  declared: readonly DeclaredMount[],
  mounts: readonly string[] = [FIRST_MOUNT],
): readonly MountInputs[] {
  requireMounts(declared, mounts);
  return declared.map(({ mount, servers }) => ({ mount, inputs: inputsOf(servers) }));
}

/** One server that is to be written. */
interface Order {
  readonly mount: string;
  readonly server: string;
  readonly input: ServerInput;
}

/**
 * Writes what is declared and differs from what is stored; what is the same is left alone, so nothing that was learned or
 * registered is lost. Nobody waits for it: a provider that does not answer keeps no broker from starting, and is asked again. What
 * is stored and not declared is named in the log, and stays. Of a mount of which nothing is declared, nothing is done. Answers what ends it.
 */
export function applyDeclared(context: Context, broker: Broker, declared: readonly MountInputs[] = []): () => void {
  let cancel = () => {};
  const round = (orders: readonly Order[]) => {
    inBackground(
      context,
      "declared servers",
      applyAll(context, broker, orders).then((left) => {
        if (left.length > 0 && !context.life.stopping) cancel = context.clock.after(AGAIN_MS, () => round(left));
      }),
    );
  };
  const ordersOf = ({ mount, inputs }: MountInputs) => inputs.map(([server, input]) => ({ mount, server, input }));
  round(declared.flatMap(ordersOf));
  for (const one of declared) inBackground(context, "declared servers", tellOthers(context, broker, one));
  return () => cancel();
}

/** Answers those that are to be tried again. */
async function applyAll(context: Context, broker: Broker, orders: readonly Order[]): Promise<readonly Order[]> {
  const left: Order[] = [];
  for (const one of orders) if (!context.life.stopping && !(await apply(context, broker, one))) left.push(one);
  return left;
}

/** Whether nothing is left to be done. */
async function apply({ log }: Context, broker: Broker, { mount, server, input }: Order): Promise<boolean> {
  try {
    const { action, changes } = await broker.planServer(mount, server, input);
    if (action === "same") return true;
    await broker.writeServer(mount, server, input);
    log.info("server_declared", { mount, server, action, changes: changes.map(wireName).join(" ") });
    return true;
  } catch (error) {
    const isRefused = error instanceof BrokerError && error.kind === "refused";
    // What a provider said of it belongs into no log: `coatcheck config apply` tells it.
    const reason = error instanceof BrokerError ? (error.detail.reason ?? "server_misconfigured") : "store";
    log.warn(isRefused ? "declared_server_refused" : "declared_server_waits", { mount, server, reason });
    return isRefused;
  }
}

async function tellOthers({ log }: Context, broker: Broker, { mount, inputs }: MountInputs): Promise<void> {
  const names = new Set(inputs.map(([name]) => name));
  for await (const slice of broker.listServers(mount, { prefix: "" })) {
    for (const server of slice) if (!names.has(server)) log.warn("server_undeclared", { mount, server });
  }
}

/**
 * Opens what is kept, and enables what is declared and differs from it, before anything is answered: a broker that is to keep a record does not serve
 * without one. What is kept and not declared is named in the log, and stays. Throws `ConfigError` for what takes no line.
 */
export async function openDevices(
  devices: KeptDevices,
  log: Log,
  declared: readonly DeclaredDevice[] | undefined,
): Promise<void> {
  await devices.load();
  if (!declared) return;
  for (const { name, ...device } of declared) await enable(devices, name, { ...device, local: false });
  const names = new Set(declared.map(({ name }) => name));
  for (const { name } of await devices.list()) if (!names.has(name)) log.warn("audit_undeclared", { device: name });
}

async function enable(devices: KeptDevices, name: string, device: Parameters<KeptDevices["enable"]>[1]): Promise<void> {
  for (;;) {
    try {
      await devices.enable(name, device, { replaces: true });
      return;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      // Another instance has the same file, and was faster.
      if (error.kind === "refused") throw new ConfigError(`the audit device "${name}": ${error.message}`);
    }
  }
}
