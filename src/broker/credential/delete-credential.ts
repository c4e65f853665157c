import { type Credential, type Issued, loginsIn } from "../../credential/index.ts";
import { belongsToSession } from "../../session/index.ts";
import type { Beside, Key, Row } from "../../store/port.ts";
import { revokeCredential } from "../attempt/revoke.ts";
import { detach } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { LEASE_MS } from "../process/lease.ts";
import { tellEnd } from "../process/session-memory.ts";
import { destinationOf, revocationLane } from "../record/grant.ts";
import { subjectOf } from "../record/news.ts";
import { clientsLeft, hasOwnClient } from "../record/own-client.ts";
import { forget } from "../record/quarantine.ts";
import { openCredential, plainRow } from "../record/records.ts";
import { REVOCATION_LIFE_MS, type RevocableToken, type Revocation, revocable } from "../record/revocation.ts";
import { unlessDamaged } from "../record/rows.ts";

/** The first attempt to revoke is part of the request, and no longer than this. Seconds. */
const FIRST_ATTEMPT_SECONDS = 10;

/** Whether what is deleted is revoked too; `queued`: by the queue alone, and nobody waits for the provider. */
export type Revoke = boolean | "queued";

/** Of a `creds` row, and of what is kept of an earlier one of its name; programs that wait for it are told. */
export async function deleteCredential(
  context: Context,
  mount: string,
  name: string,
  revoke: Revoke,
): Promise<readonly string[]> {
  const warnings = await deleteRow(context, { mount, kind: "creds", name }, revoke);
  await forget(context, mount, name, revoke !== false);
  if (belongsToSession(name)) tellEnd(context, mount, name);
  return warnings;
}

/** Of a `self` row. */
export function deleteSelf(context: Context, mount: string, name: string, revoke: Revoke): Promise<readonly string[]> {
  return deleteRow(context, { mount, kind: "self", name }, revoke);
}

/**
 * Removes what has a name: gone for readers at once, then revoked at the provider, from the store if need be (REV-05).
 * Answers warnings; none when it is revoked, skipped, or there was nothing to revoke.
 */
async function deleteRow(context: Context, key: Key, revoke: Revoke): Promise<readonly string[]> {
  // Also where the store does not answer and nothing can be deleted: its token is not handed out any more.
  context.store.forgetRecent(key);
  for (;;) {
    const row = await context.store.read(key);
    if (!row) return [];
    // A damaged record can be removed, if nothing else.
    const state = await unlessDamaged(() => openCredential(context, row));
    const left = state && leftOf(context, row, state);
    // By its revision: what a refresh has stored in between is looked at again, or its successor would stay alive.
    if (left && revoke) {
      const warnings = await detach(context, bury(context, row, left, revoke));
      if (warnings) return warnings;
    } else if (await context.store.remove(row)) {
      return state ? [] : ["credential removed, but the grant could not be revoked: its record is damaged"];
    }
  }
}

/** Reaps a login that came to nothing, with the good one whose place it was to take; false where there is none. */
export async function reapReplaced(context: Context, row: Row, state: Credential): Promise<boolean> {
  const left = state.status === "failed" && state.replaces ? leftOf(context, row, state) : undefined;
  if (left) await bury(context, row, left, "queued");
  return left !== undefined;
}

interface Left {
  readonly content: Revocation;
  /** Clients of other logins within it. */
  readonly beside: readonly Beside[];
}

/** What of a credential may still be alive at its provider: its own login, or the one whose place that takes (FC-08). */
function leftOf(context: Context, { mount, kind, name }: Key, state: Credential): Left | undefined {
  const login = loginsIn(state).findLast(({ status }) => status === "issued") ?? state;
  const tokens = login.status === "issued" ? grantsOf(login) : [];
  if (tokens.length === 0 && !hasOwnClient(login.grant)) return undefined;
  const until = context.clock.now() + REVOCATION_LIFE_MS;
  const isTold = context.webhooks.length > 0 && kind === "creds" && tokens.length > 0;
  const about = isTold ? subjectOf({ mount, name }, login) : undefined;
  return {
    content: {
      ...destinationOf(login.grant),
      ...{ tokens, attempts: 0, until, ends: true },
      ...(kind === "creds" && { name }),
      ...(about && { about }),
    },
    beside: clientsLeft(context, mount, state, login),
  };
}

function grantsOf({ sibling, ...login }: Issued): readonly RevocableToken[] {
  return [...revocable(login), ...(sibling === undefined ? [] : revocable({ refreshToken: sibling, accessToken: "" }))];
}

/** Delete wins: the row becomes a revocation in one write, so a refresh in flight finds no credential. Undefined: it changed. */
async function bury(
  context: Context,
  row: Row,
  { content, beside }: Left,
  revoke: Revoke,
): Promise<readonly string[] | undefined> {
  const place = { mount: row.mount, kind: "revocation", name: row.id, id: row.id } as const;
  const dueAt = context.clock.now() + (revoke === "queued" ? 0 : LEASE_MS);
  const due = { server: revocationLane(content), task: "revoke", dueAt } as const;
  const buried = await context.store.write(
    { ...plainRow(context, place, content, due), ...(beside.length > 0 && { beside }) },
    { id: row.id, revision: row.revision },
  );
  if (!buried) return undefined;
  if (revoke === "queued") {
    context.wake();
    return [];
  }
  const outcome = await within(context, FIRST_ATTEMPT_SECONDS, (call) => revokeCredential(context, row.id, call));
  context.wake();
  if (outcome.kind === "done") return [];
  if (outcome.kind === "unproved")
    return [`credential removed and revoked, but ${outcome.text}; it will be checked again`];
  if (outcome.kind === "refused") return [`credential removed, but the grant could not be revoked: ${outcome.text}`];
  return [`credential removed, revocation will be tried again: ${outcome.text}`];
}
