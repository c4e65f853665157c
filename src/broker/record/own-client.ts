import { type Credential, loginsIn } from "../../credential/index.ts";
import type { Management } from "../../protocol/client/registration.ts";
import type { Beside, Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { type Destination, revocationLane } from "./grant.ts";
import { plainRow } from "./records.ts";

/** A client that was registered for one login alone, which has ended: to be unregistered (RFC 7592 2.3). */
export interface OwnClient {
  readonly server: string;
  readonly management: Management;
  /** How often its server was asked in vain to forget it. */
  readonly attempts: number;
  /** See `Binding`. */
  readonly stranger?: true;
}

/** Whether something is left to do at the provider when a login without tokens ends. */
export function hasOwnClient({ binding }: Pick<Destination, "binding">): boolean {
  return binding?.client?.management !== undefined;
}

/** After this no request of a login is under way any more: an operation lasts 120 s at most. Milliseconds. */
const SETTLED_MS = 300_000;

/**
 * Removes what is left of a login that has ended; a client that was registered for it alone takes the place of its row, until
 * it is unregistered. What is to be told of the end is written as it is removed. False when the row is gone or has moved on.
 */
export async function removeLogin(context: Context, row: Row, login: Destination, news?: Beside): Promise<boolean> {
  const expect = { id: row.id, revision: row.revision };
  // A row of its own: what was in escrow goes with the login, and an answer that comes late finds no place here and is revoked,
  // by the client, which stays until no request of the login is under way.
  const client = clientRow(context, row.mount, login, Math.max(context.clock.now(), row.claimUntil ?? 0));
  if (!client) return news ? context.store.write(news, expect) : context.store.remove(row);
  const written = await context.store.write({ ...client, ...(news && { beside: [news] }) }, expect);
  if (written) context.wake();
  return written;
}

/** Removes an authorization link that brought no login, or whose login found no place; its client goes when what was sent is settled. */
export async function removeLink(
  context: Context,
  mount: string,
  row: { readonly id: string; readonly revision?: number },
  link?: Destination,
): Promise<void> {
  const client = link && clientRow(context, mount, link, context.clock.now() + SETTLED_MS);
  if (client) await context.store.write(client, row);
  else await context.store.remove(row);
}

/**
 * What a new login leaves of the one in whose place it is: that one's client, until its last access token has ended. One whose
 * token does not end stays at its server, since whoever read the token may still use it.
 */
export function clientsLeft(
  context: Context,
  mount: string,
  before: Credential | undefined,
  next: Credential,
): readonly Beside[] {
  const managedAt = ({ grant }: Credential) => grant.binding?.client?.management?.registrationClientUri;
  const kept = new Set(loginsIn(next).map(managedAt));
  const { clock } = context;
  return loginsIn(before).flatMap((login) => {
    if (kept.has(managedAt(login))) return [];
    const end = "expiresAt" in login && login.status === "issued" ? login.expiresAt : 0;
    return (end !== undefined && clientRow(context, mount, login.grant, Math.max(end, clock.now() + SETTLED_MS))) || [];
  });
}

function clientRow(
  { seal }: Pick<Context, "seal">,
  mount: string,
  login: Destination,
  dueAt: number,
): Beside | undefined {
  const { server, binding } = login;
  const management = binding?.client?.management;
  if (!management) return undefined;
  const id = newId();
  const content: OwnClient = { server, management, attempts: 0, ...(binding?.stranger && { stranger: true }) };
  // No name of a server holds a newline, and no hash of a former client is an id.
  const place = { mount, kind: "client", name: `${server}\n${id}`, id } as const;
  return plainRow({ seal }, place, content, { server: revocationLane(login), task: "revoke", dueAt });
}
