import { createHash } from "node:crypto";
import { type GrantClient, loginsIn } from "../../credential/index.ts";
import { expandProvider, findProvider } from "../../providers/index.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { type Destination, revocationLane } from "../record/grant.ts";
import type { OwnClient } from "../record/own-client.ts";
import { openContent, openCredential, plainRow } from "../record/records.ts";
import { eachOfKind, unlessDamaged } from "../record/rows.ts";
import { lanesOf } from "./lanes.ts";
import { findServer, type ServerRecord } from "./server-record.ts";

/**
 * A server record as it was while it named another client: grants that were issued to that one go on with it. It goes when
 * nobody uses it any more, and what the broker had registered is unregistered then (RFC 7592 2.3).
 */
export interface FormerClient {
  readonly server: string;
  readonly record: ServerRecord;
  /** How often its server was asked in vain to forget it. */
  readonly attempts: number;
}

/** Which client a record names, and where it is good; undefined where it names none. */
export function clientNamedBy({
  clientId,
  provider,
  providerVersion,
  providerOptions,
  registration,
  clientIssuer,
}: ServerRecord): GrantClient | undefined {
  if (clientId === "") return undefined;
  const data = findProvider(provider, providerVersion);
  const expanded = data && expandProvider(data, providerOptions, {});
  const issuer = expanded?.discovery ?? expanded?.endpoints.issuer ?? clientIssuer ?? "";
  return { clientId, issuer, ...(registration && { registered: true }) };
}

export function isSameClient(one: GrantClient | undefined, other: GrantClient | undefined): boolean {
  return one?.clientId === other?.clientId && one?.issuer === other?.issuer;
}

/**
 * The record that a grant goes by: the present one, unless that names another client than the grant was issued to. Of a
 * client whose secret has been taken away nothing is kept: then the present one is all there is.
 */
export async function recordFor(
  context: Context,
  { mount, name, record }: { mount: string; name: string; record: ServerRecord },
  client: GrantClient | undefined,
): Promise<ServerRecord> {
  if (!client || isSameClient(client, clientNamedBy(record))) return record;
  const row = await context.store.read(formerKey(mount, name, client));
  if (!row) return record;
  const former = openContent<FormerClient>(context, row).record;
  // Where its issuer's endpoints may be was agreed to anew when the present record was written.
  const { tokenOrigin, pins } = record;
  return pins && client.issuer !== "" && client.issuer === clientNamedBy(record)?.issuer
    ? { ...former, tokenOrigin, pins }
    : former;
}

/** Longer than a write of a server takes between its two rows. Milliseconds. */
const UNDISTURBED_MS = 3_600_000;

/** Before a record is replaced: what it says of its client stays for those who use it. Answers what is to be called then. */
export async function keepFormer(
  context: Context,
  mount: string,
  server: string,
  record: ServerRecord,
): Promise<() => Promise<void>> {
  const client = clientNamedBy(record);
  if (!client) return async () => {};
  const place = { ...formerKey(mount, server, client), id: newId() };
  const content: FormerClient = { server, record, attempts: 0 };
  const write = (dueAt: number) =>
    context.store.write(plainRow(context, place, content, dueToGo(server, dueAt)), { anything: true });
  const { clock } = context;
  await write(clock.now() + UNDISTURBED_MS);
  return async () => {
    await write(clock.now());
    context.wake();
  };
}

/** When it is looked at whether anybody still uses it. */
function dueToGo(server: string, dueAt: number) {
  return { server: revocationLane({ server }), task: "revoke", dueAt } as const;
}

/** The record was deleted, and with it the secrets that its operator had written; what the broker registered is its own. */
export async function dropFormer(context: Context, mount: string, server: string): Promise<void> {
  await eachOfKind(context, { mount, kind: "client", prefix: formerPrefix(server) }, async (row) => {
    const client = await unlessDamaged(() => openContent<FormerClient | OwnClient>(context, row));
    const isOurs = client && (!("record" in client) || client.record.registration);
    if (!isOurs) await context.store.remove(row);
  });
}

/**
 * Who still needs a former client: a credential that was issued to it, a client's own token, a link on its way, or what is
 * still to be revoked; or the record itself, which names it again. A grant that is older than the field that says whose it
 * is counts.
 */
export async function usersOf(
  context: Context,
  mount: string,
  { server, record }: FormerClient,
): Promise<"record" | "grants" | "nobody"> {
  const stored = await findServer(context, mount, server);
  const client = clientNamedBy(record);
  if (stored && isSameClient(clientNamedBy(stored.record), client)) return "record";
  for (const place of placesOfGrants(server, record)) {
    let isUsed = false;
    const look = async (row: Row) => {
      for (const used of (await unlessDamaged(() => destinationsIn(context, row))) ?? []) {
        if (used.server !== server || used.binding?.client) continue;
        if (!used.client || isSameClient(used.client, client)) isUsed = true;
      }
    };
    await eachOfKind(context, { mount, ...place }, look, () => !isUsed);
    if (isUsed) return "grants";
  }
  return "nobody";
}

/** Where rows are that hold a grant of a server. */
export function placesOfGrants(server: string, record: ServerRecord) {
  const ofLane = (lane: string) => lanesOf(lane, record);
  return [
    { kind: "creds", ...ofLane(server) },
    { kind: "self", ...ofLane(server) },
    { kind: "revocation", ...ofLane(revocationLane({ server })) },
    { kind: "quarantine" },
    { kind: "flow" },
  ] as const;
}

/** The first is the row's own; others are of logins within it. */
export function destinationsIn(context: Context, row: Row): readonly Partial<Destination>[] {
  if (row.kind === "creds" || row.kind === "self" || row.kind === "quarantine") {
    return loginsIn(openCredential(context, row)).map(({ grant }) => grant);
  }
  const content = openContent<Partial<Destination> & { readonly grant?: Destination }>(context, row);
  return [content.grant ?? content];
}

function formerPrefix(server: string): string {
  return `${server}\n`;
}

/** No name of a server holds a newline. */
export function formerKey(mount: string, server: string, { clientId, issuer }: GrantClient) {
  const hash = createHash("sha256")
    .update(JSON.stringify([clientId, issuer]))
    .digest("hex");
  return { mount, kind: "client", name: formerPrefix(server) + hash } as const;
}
