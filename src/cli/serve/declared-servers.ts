import type { Operator } from "../../client/index.ts";
import type { ConfigFile } from "../../config-file/read.ts";
import type { DeclaredMount, DeclaredServer } from "../../config-file/servers.ts";
import { withSecrets } from "../../config-file/servers.ts";
import { FIRST_MOUNT } from "../../mount-names.ts";
import { ConfigError } from "../../process/config-error.ts";
import { type OperatorFlags, operatorsOf } from "../connect/operator.ts";
import { CliError, EXIT, usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { openConfig } from "./check-config.ts";
import { applyDevices, deviceDifferences, tellDevices } from "./declared-devices.ts";

/** What a server is against what is declared. */
interface Difference {
  readonly mount: string;
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
  const operatorAt = await operatorsOf(flags);
  const differences = servers && (await differencesOf(operatorAt, servers));
  const devices = audit && (await deviceDifferences(operatorAt(), audit));
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
  const names = declared.flatMap(({ mount, servers }) => servers.map(({ name }) => saidAs(mount, name)));
  const both = names.find((name) => flags.delete.includes(name));
  if (both !== undefined) throw usage(`the file declares the server "${both}": remove it there first`);
  const operatorAt = await operatorsOf(flags);
  // The record is on before anything else is done.
  if (audit) tellDevices(out, await applyDevices(operatorAt(), audit));
  if (names.length === 0 && flags.delete.length === 0 && audit) return;
  const differences = await differencesOf(operatorAt, withFirst(declared, flags));
  for (const name of flags.delete) requireOne(differences, name);
  const wanted = { declared, deleted: flags.delete };
  for (const difference of differences) await applyOne(out, operatorAt(difference.mount), wanted, difference);
  tell(out, differences, flags.delete);
}

/** A server of the first mount can be deleted also where the file says nothing of it; else nobody needs a right there. */
function withFirst(declared: readonly DeclaredMount[], flags: ApplyFlags): readonly DeclaredMount[] {
  const isInside = (name: string) => declared.some(({ mount }) => name.startsWith(saidAs(mount, "")));
  if (declared.length > 0 && flags.delete.every(isInside)) return declared;
  return [{ mount: FIRST_MOUNT, servers: [] }, ...declared];
}

function requireOne(differences: readonly Difference[], name: string): void {
  const count = differences.filter((one) => isNamed(one, name)).length;
  if (count === 0) throw usage(`there is no server "${name}"`);
  if (count > 1) throw usage(`"${name}" is the name of two servers: delete the one you mean by coatcheck delete PATH`);
}

/** What the file declares, and what is to be deleted. */
interface Wanted {
  readonly declared: readonly DeclaredMount[];
  readonly deleted: readonly string[];
}

async function applyOne(
  out: Output,
  { servers: records }: Operator,
  { declared, deleted }: Wanted,
  { mount, server, action }: Difference,
): Promise<void> {
  const one = declared.find((those) => those.mount === mount)?.servers.find(({ name }) => name === server);
  if (one && (action === "create" || action === "change")) {
    const answer = await records.write(server, secretsOf(one));
    for (const warning of answer?.warnings ?? []) out.warn(`${saidAs(mount, server)}: ${warning}`);
  }
  if (deleted.some((name) => isNamed({ mount, server, action }, name))) await records.delete(server);
}

/** A server of another mount than the first is called by its path. */
function saidAs(mount: string, server: string): string {
  return mount === FIRST_MOUNT ? server : `${mount}/servers/${server}`;
}

/** What the file declares is never meant, whatever else has that name. */
function isNamed({ mount, server, action }: Pick<Difference, "mount" | "server" | "action">, name: string): boolean {
  return action === "undeclared" && saidAs(mount, server) === name;
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

type OperatorAt = Awaited<ReturnType<typeof operatorsOf>>;

async function differencesOf(
  operatorAt: OperatorAt,
  declared: readonly DeclaredMount[],
): Promise<readonly Difference[]> {
  // Every secret is read before anything is asked.
  const bodies = declared.map(({ mount, servers }) => ({
    mount,
    bodies: servers.map((server) => [server.name, secretsOf(server)] as const),
  }));
  const planned: Difference[] = [];
  for (const one of bodies) planned.push(...(await differencesIn(operatorAt(one.mount), one)));
  return planned;
}

interface MountBodies {
  readonly mount: string;
  readonly bodies: readonly (readonly [server: string, body: ReturnType<typeof withSecrets>])[];
}

async function differencesIn(broker: Operator, { mount, bodies }: MountBodies): Promise<readonly Difference[]> {
  const planned: Difference[] = [];
  for (const [server, body] of bodies) {
    const { data } = (await broker.write(`${mount}/plan/servers/${server}`, body)) ?? {};
    const { action, changes } = data as Pick<Difference, "action" | "changes">;
    planned.push({ mount, server, action, changes });
  }
  for (const server of await broker.servers.list()) {
    if (bodies.some(([name]) => name === server)) continue;
    const { data } = (await broker.read(`${mount}/plan/servers/${server}`)) ?? {};
    if (data)
      planned.push({ mount, server, action: "undeclared", changes: [], uses: data as NonNullable<Difference["uses"]> });
  }
  return planned;
}

const SIGNS = { create: "+ create", change: "~ change", same: "= same", undeclared: "? not in the file" } as const;

function tell(out: Output, differences: readonly Difference[], deleted: readonly string[] = []): void {
  if (differences.length === 0) out.note("There are no servers, and the file declares none.");
  for (const { mount, server, action, changes, uses } of differences) {
    const name = saidAs(mount, server);
    const isDeleted = deleted.some((one) => isNamed({ mount, server, action }, one));
    const sign = isDeleted ? "- deleted" : SIGNS[action];
    const used = uses
      ? `${uses.credentials} credentials and ${uses.sessions} sessions ${isDeleted ? "are" : "would be"} without a server`
      : "";
    const why = isDeleted || !uses ? used : `stays; deleted by --delete ${name}, and then ${used}`;
    out.result(`${sign.padEnd(18)} ${name}  ${changes.join(", ")}${why}`.trimEnd(), {
      mount,
      server,
      action: isDeleted ? "deleted" : action,
      changes,
      ...uses,
    });
  }
}
