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

/**
 * Removes what is left of a login that has ended; a client that was registered for it alone takes the place of its row, until
 * it is unregistered. What is to be told of the end is written as it is removed. False when the row is gone or has moved on.
 */
export async function removeLogin(context: Context, row: Row, login: Destination, news?: Beside): Promise<boolean> {
  const { server, binding } = login;
  const management = binding?.client?.management;
  const { mount, revision } = row;
  const expect = { id: row.id, revision };
  if (!management) return news ? context.store.write(news, expect) : context.store.remove(row);
  // A row of its own: what was in escrow goes with the login, and an answer that comes late finds no place here and is revoked,
  // by the client, which stays until no request of the login is under way.
  const id = newId();
  const dueAt = Math.max(context.clock.now(), row.claimUntil ?? 0);
  const content: OwnClient = { server, management, attempts: 0, ...(binding?.stranger && { stranger: true }) };
  // No name of a server holds a newline, and no hash of a former client is an id.
  const place = { mount, kind: "client", name: `${server}\n${id}`, id } as const;
  const due = { server: revocationLane(login), task: "revoke", dueAt } as const;
  const client = { ...plainRow(context, place, content, due), ...(news && { beside: [news] }) };
  const written = await context.store.write(client, expect);
  if (written) context.wake();
  return written;
}
