import { StoreUnavailable } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { plainRow } from "../record/records.ts";
import { clientNamedBy, isSameClient, keepFormer } from "./former-clients.ts";
import { nameClient } from "./name-client.ts";
import { replanServer } from "./replan.ts";
import type { ConfiguredServer } from "./resolve-server.ts";
import { findServer, type Learned, type ServerRecord, serverKey } from "./server-record.ts";

/**
 * Writes a server record. Operator errors and back-off of the server's credentials end with it, and suspended flows go on;
 * what was issued to the client that the record named before stays that one's.
 */
export async function replaceRecord(
  context: Context,
  mount: string,
  name: string,
  record: ServerRecord,
): Promise<{ readonly id: string }> {
  for (;;) {
    const before = await findServer(context, mount, name);
    const isOther = before && !isSameClient(clientNamedBy(before.record), clientNamedBy(record));
    if (isOther) await nameClient(context, mount, name, before.record);
    const letGo = isOther ? await keepFormer(context, mount, name, before.record) : undefined;
    const content = before ? withLearned(record, before.record) : record;
    const row = plainRow(context, { ...serverKey(mount, name), id: newId() }, content);
    const expect = before ? { id: before.id, revision: before.revision } : ({ absent: true } as const);
    if (!(await context.store.write(row, expect))) continue;
    await letGo?.();
    await replanServer(context, mount, { name, record, event: { type: "server-written" } });
    return row;
  }
}

/** What was learned of how a client authenticates stays true while the record says the same of it. */
function withLearned(record: ServerRecord, before: ServerRecord): ServerRecord {
  const { openid: _, devicePkce: __, forgotten: ___, ...learned } = before.learned ?? {};
  return authenticationOf(before) === authenticationOf(record) ? { ...record, learned } : record;
}

/** Which client a record names and how it authenticates, to be compared. */
function authenticationOf(record: ServerRecord): string {
  const { clientSecrets, clientKey, authMethod, authMethodOpen, clientAssertionAud } = record;
  const client = clientNamedBy(record);
  return JSON.stringify([client, clientSecrets, clientKey, authMethod, authMethodOpen, clientAssertionAud]);
}

/**
 * Keeps what a server's answers have taught; nothing where its record was written meanwhile, or names another client. It is
 * learned again where the store does not take it.
 */
export async function learn(
  context: Context,
  { mount, name, id, record }: ConfiguredServer,
  learned: Learned,
): Promise<void> {
  try {
    const stored = await findServer(context, mount, name);
    if (stored?.id !== id || !isSameClient(clientNamedBy(stored.record), clientNamedBy(record))) return;
    const content = { ...stored.record, learned: { ...stored.record.learned, ...learned } };
    const row = plainRow(context, { ...serverKey(mount, name), id }, content);
    await context.store.write(row, { id, revision: stored.revision });
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}
