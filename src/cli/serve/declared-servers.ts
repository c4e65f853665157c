import type { Operator } from "../../client/index.ts";
import type { ConfigFile } from "../../config-file/read.ts";
import type { DeclaredServer } from "../../config-file/servers.ts";
import { withSecrets } from "../../config-file/servers.ts";
import { ConfigError } from "../../process/config-error.ts";
import { type OperatorFlags, operatorOf } from "../connect/operator.ts";
import { CliError, EXIT, usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { openConfig } from "./check-config.ts";
import { applyDevices, deviceDifferences, tellDevices } from "./declared-devices.ts";

/** What a server is against what is declared. */
interface Difference {
  readonly server: string;
  readonly action: "create" | "change" | "same" | "undeclared";
  /** What a change is of. */
  readonly changes: readonly string[];
  /** What would not be refreshed any more without it. */
  readonly uses?: { readonly credentials: number; readonly sessions: number };
}

/** Says what `apply` would do; ends with 8 where that is something. */
export async function planConfig(out: Output, file: string | undefined, flags: OperatorFlags): Promise<void> {
  const { servers, audit } = requireDeclared(file);
  const broker = await operatorOf(flags);
  const differences = servers && (await differencesOf(broker, servers));
  const devices = audit && (await deviceDifferences(broker, audit));
  if (differences) tell(out, differences);
  if (devices) tellDevices(out, devices);
  const isToDo = ({ action }: Pick<Difference, "action">) => action === "create" || action === "change";
  const [some = 0, more = 0] = [differences, devices].map((all) => all?.filter(isToDo).length);
  if (some + more === 0) return;
  const said = [...counted(some, "server"), ...counted(more, "audit device")].join(" and ");
  throw new CliError("differs", `${said} ${some + more === 1 ? "differs" : "differ"} from the file`, {
    exit: EXIT.pending,
    next: ["coatcheck", "config", "apply", ...(file === undefined ? [] : [file])],
  });
}

export type ApplyFlags = OperatorFlags & { readonly delete: readonly string[] };

/** Writes what differs, and nothing else; deletes only what is named for it. */
export async function applyConfig(out: Output, file: string | undefined, flags: ApplyFlags): Promise<void> {
  const { servers: declared = [], audit } = requireDeclared(file);
  const wanted = declared.find(({ name }) => flags.delete.includes(name));
  if (wanted) throw usage(`the file declares the server "${wanted.name}": remove it there first`);
  const broker = await operatorOf(flags);
  // The record is on before anything else is done.
  if (audit) tellDevices(out, await applyDevices(broker, audit));
  if (declared.length === 0 && flags.delete.length === 0 && audit) return;
  const differences = await differencesOf(broker, declared);
  const missing = flags.delete.find((name) => !differences.some(({ server }) => server === name));
  if (missing !== undefined) throw usage(`there is no server "${missing}"`);
  for (const { server, action } of differences) {
    const one = declared.find(({ name }) => name === server);
    if (one && (action === "create" || action === "change")) {
      const answer = await broker.servers.write(server, secretsOf(one));
      for (const warning of answer?.warnings ?? []) out.warn(`${server}: ${warning}`);
    }
    if (flags.delete.includes(server)) await broker.servers.delete(server);
  }
  tell(out, differences, flags.delete);
}

function requireDeclared(file: string | undefined): Pick<ConfigFile, "servers" | "audit"> {
  const { path, servers, audit, mistakes } = openConfig(file);
  const next = ["coatcheck", "config", "check", path];
  if (mistakes.length > 0) throw usage(`${path} has mistakes: correct them first`, next);
  if (!servers && !audit) throw usage(`${path} declares no servers and no audit devices`);
  return { ...(servers && { servers }), ...(audit && { audit }) };
}

function counted(count: number, noun: string): readonly string[] {
  if (count === 0) return [];
  return [count === 1 ? `one ${noun}` : `${count} ${noun}s`];
}

function secretsOf(server: DeclaredServer) {
  try {
    return withSecrets(server);
  } catch (error) {
    if (error instanceof ConfigError) throw usage(error.message);
    throw error;
  }
}

async function differencesOf(broker: Operator, declared: readonly DeclaredServer[]): Promise<readonly Difference[]> {
  const bodies = declared.map((server) => [server.name, secretsOf(server)] as const);
  const planned: Difference[] = [];
  for (const [server, body] of bodies) {
    const { data } = (await broker.write(`oauth2/plan/servers/${server}`, body)) ?? {};
    const { action, changes } = data as Pick<Difference, "action" | "changes">;
    planned.push({ server, action, changes });
  }
  for (const server of await broker.servers.list()) {
    if (declared.some(({ name }) => name === server)) continue;
    const { data } = (await broker.read(`oauth2/plan/servers/${server}`)) ?? {};
    if (data)
      planned.push({ server, action: "undeclared", changes: [], uses: data as NonNullable<Difference["uses"]> });
  }
  return planned;
}

const SIGNS = { create: "+ create", change: "~ change", same: "= same", undeclared: "? not in the file" } as const;

function tell(out: Output, differences: readonly Difference[], deleted: readonly string[] = []): void {
  if (differences.length === 0) out.note("There are no servers, and the file declares none.");
  for (const { server, action, changes, uses } of differences) {
    const isDeleted = deleted.includes(server);
    const sign = isDeleted ? "- deleted" : SIGNS[action];
    const used = uses
      ? `${uses.credentials} credentials and ${uses.sessions} sessions ${isDeleted ? "are" : "would be"} without a server`
      : "";
    const why = isDeleted || !uses ? used : `stays; deleted by --delete ${server}, and then ${used}`;
    out.result(`${sign.padEnd(18)} ${server}  ${changes.join(", ")}${why}`.trimEnd(), {
      server,
      action: isDeleted ? "deleted" : action,
      changes,
      ...uses,
    });
  }
}
