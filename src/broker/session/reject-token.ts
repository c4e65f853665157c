import { isFresh, judgeRefused } from "../attempt/judge-refused.ts";
import { refreshCredential } from "../attempt/refresh-credential.ts";
import { limited, noSession } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { refreshNow } from "../process/refresh-now.ts";
import { openCredential } from "../record/records.ts";
import { hashOfToken } from "../record/token-hash.ts";
import type { FoundSession } from "../sessions.ts";
import { findSession } from "./find-session.ts";

/** Forced refreshes of one session per minute: whoever holds a session must not be able to wear out its grant. */
const MOST_PER_MINUTE = 6;

/**
 * An API refused this token (named by its SHA-256 in hex): it is refreshed now, once for everybody who says so, unless
 * another one is current already, or its account's server can judge a new one. True when the current token is another one
 * in the end.
 */
export async function rejectToken(context: Context, mount: string, secret: string, hash: string): Promise<boolean> {
  return replaceToken(context, await findSession(context, mount, secret), hash);
}

export async function replaceToken(context: Context, found: FoundSession, hash: string): Promise<boolean> {
  const { mount, name } = found;
  const row = await context.store.read({ mount, kind: "creds", name });
  if (!row) throw noSession();
  const state = openCredential(context, row);
  if (state.status !== "issued" || state.refreshToken === undefined) return false;
  if (hashOfToken(state.accessToken) !== hash) return true;
  const wait = context.sessions.rejections.take(row.id, MOST_PER_MINUTE);
  if (wait > 0) throw limited("rate_limited", "too many tokens of this session were rejected", wait);
  if (isFresh(state, context.clock.now())) {
    await judgeRefused(context, row, state);
    return false;
  }
  await refreshNow(context, row, (claimed) => refreshCredential(context, claimed, { wanted: 0, rejected: hash }));
  const present = await context.store.read({ mount, kind: "creds", name });
  const after = present && openCredential(context, present);
  return after?.status === "issued" && hashOfToken(after.accessToken) !== hash;
}
