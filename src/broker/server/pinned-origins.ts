import type { AuthorizationServer } from "../../protocol/client.ts";
import { originsOf, type SecretEndpoint } from "../../protocol/secret-endpoints.ts";
import { StoreUnavailable } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { openContent, plainRow, sealContent } from "../record/records.ts";
import { clientNamedBy, type FormerClient, formerKey, isSameClient } from "./former-clients.ts";
import { findServer, type Pins, type ServerRecord, serverKey } from "./server-record.ts";

/** An endpoint that the metadata have put where nobody agreed to send secrets. */
export interface Moved {
  readonly endpoint: SecretEndpoint | "api";
  readonly text: string;
}

/** Metadata without what has moved. */
export interface Trusted {
  readonly metadata: AuthorizationServer;
  readonly moved: readonly Moved[];
}

/** Whose metadata are looked at. */
interface Pinned {
  readonly mount: string;
  readonly name: string;
  readonly id: string;
  readonly record: ServerRecord;
}

/** What a record pins when it is written. `api`: base URL of an API that is sent access tokens, if the metadata lead to one. */
export function pinsOf(metadata: AuthorizationServer, api?: string): Pins {
  return { ...originsOf(metadata), ...(api !== undefined && { api: new URL(api).origin }) };
}

/**
 * META-08: metadata that move an endpoint to another origin get no stored secret there until a person agrees by writing the
 * record again: what has moved is left out and told. A record from before there were pins gets those of the first metadata
 * that are read for it.
 */
export async function trusted(
  context: Context,
  server: Pinned,
  metadata: AuthorizationServer,
  api?: string,
): Promise<Trusted> {
  const found = pinsOf(metadata, api);
  const moved = movedIn(server.record, found);
  for (const { text } of moved) note(context, server, text);
  if (!server.record.pins) await pin(context, server, found);
  // One object for all who ask, as its key set is kept with it, unless something of it must not be used.
  return { metadata: moved.length === 0 ? metadata : without(metadata, moved), moved };
}

/** The same question asked alone: nothing is pinned, noted or told. */
export function whatMoved(record: ServerRecord, metadata: AuthorizationServer): readonly Moved[] {
  return movedIn(record, pinsOf(metadata));
}

/** Where the token endpoint is everything goes anyway, so that the others may be there as well. */
function movedIn({ tokenOrigin, pins }: ServerRecord, found: Pins): readonly Moved[] {
  const before: Pins = { ...pins, token_endpoint: tokenOrigin };
  const looked: Pins = { ...(pins && found), token_endpoint: found.token_endpoint ?? "" };
  return (Object.keys(looked) as (keyof Pins)[]).flatMap((endpoint) => {
    const to = looked[endpoint] ?? "";
    const from = before[endpoint];
    return to === from || to === tokenOrigin ? [] : [{ endpoint, text: movedText(endpoint, from, to) }];
  });
}

function movedText(endpoint: Moved["endpoint"], from: string | undefined, to: string): string {
  const noun = endpoint === "api" ? "API" : endpoint.replaceAll("_", " ");
  const what = from === undefined ? `a new ${noun} is at ${to}` : `the ${noun} moved from ${from} to ${to}`;
  return `${what}; to accept this, write the server record again`;
}

function without(metadata: AuthorizationServer, moved: readonly Moved[]): AuthorizationServer {
  const gone = new Set<string>(moved.map(({ endpoint }) => endpoint));
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !gone.has(name))) as AuthorizationServer;
}

/** Told once to the log, and kept as the server's last trouble: this way of writing it, so that another one ends it. */
function note({ caches, clock, log }: Context, { mount, name, id }: Pinned, text: string): void {
  if (caches.troubles.get(id)?.text !== text) log.warn("endpoint_moved", { mount, server: name, cause: text });
  caches.troubles.set(id, { at: clock.now(), text });
}

/** What is said to whoever needs an endpoint that has moved. */
export function whyMoved(moved: readonly Moved[] = [], ...endpoints: readonly Moved["endpoint"][]): string | undefined {
  return moved.find(({ endpoint }) => endpoints.includes(endpoint))?.text;
}

/** Kept in the row that the record came from; who wrote it meanwhile has pinned as well, and a store that fails is asked again. */
async function pin(context: Context, { mount, name, id, record }: Pinned, pins: Pins): Promise<void> {
  const client = clientNamedBy(record);
  try {
    const stored = await findServer(context, mount, name);
    if (stored?.id !== id || stored.record.pins) return;
    if (isSameClient(clientNamedBy(stored.record), client)) {
      const row = plainRow(context, { ...serverKey(mount, name), id }, { ...stored.record, pins });
      await context.store.write(row, { id, revision: stored.revision });
    } else if (client) {
      await pinFormer(context, formerKey(mount, name, client), pins);
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

async function pinFormer(context: Context, key: ReturnType<typeof formerKey>, pins: Pins): Promise<void> {
  const row = await context.store.read(key);
  if (!row) return;
  const former = openContent<FormerClient>(context, row);
  const sealed = sealContent(context, row, { ...former, record: { ...former.record, pins } });
  await context.store.write({ ...row, sealed }, { id: row.id, revision: row.revision });
}
