import { sameLogin, statusOf } from "../../session/index.ts";
import { type Context, newId } from "../process/context.ts";
import { openContent, plainRow } from "../record/records.ts";
import { aliasRow, newSecret, sessionKey } from "../record/session-records.ts";
import type { SessionView, StartedSession } from "../sessions.ts";
import { openFound } from "./find-session.ts";
import { viewOf } from "./read-session.ts";
import type { Wanted } from "./wanted-session.ts";

/** Where a pending login is found by the program that began it: by a hash of its own secret and what it asks for. */
export function loginKey(context: Context, { mount, server, scopes, input }: Wanted) {
  const { coalesce: secret, label, expectedAccount: account } = input;
  const hash = context.seal.fingerprint(sameLogin({ secret, server, scopes, label, account }));
  return { mount, kind: "flow", name: `login/${hash}` } as const;
}

type LoginKey = ReturnType<typeof loginKey>;

interface Remembered {
  /** Public id of the session. */
  readonly session: string;
}

export async function rememberedLogin(context: Context, key: LoginKey): Promise<string | undefined> {
  const row = await context.store.read(key);
  return row && openContent<Remembered>(context, row).session;
}

export async function rememberLogin(context: Context, key: LoginKey, { id, pending }: SessionView): Promise<void> {
  if (!pending) return;
  const due = { task: "expire", dueAt: pending.expiresAt } as const;
  const row = plainRow(context, { ...key, id: newId() }, { session: id } satisfies Remembered, due);
  await context.store.write(row, { anything: true });
}

/** Another secret for a session whose login is pending; undefined when there is none. */
export async function joinSession(context: Context, mount: string, id: string): Promise<StartedSession | undefined> {
  const row = await context.store.readById(id);
  const found = row?.kind === "session" ? await openFound(context, row) : undefined;
  const status = found && statusOf(found.state, context.clock.now());
  if (!found || status?.kind !== "pending") return undefined;
  const secret = newSecret();
  const place = { ...sessionKey(mount, secret), id: newId() };
  const alias = aliasRow(context, place, { alias: id }, status.credential.expiresAt);
  await context.store.write(alias, { absent: true });
  context.metrics.session("joined");
  return { secret, view: await viewOf(context, found), joined: true };
}
