import type { Issued } from "../../credential/index.ts";
import { type WhoAmI, whoAmI } from "../../protocol/identity/who-am-i.ts";
import type { Row } from "../../store/port.ts";
import { refreshCredential } from "../attempt/refresh.ts";
import { accountApiOf } from "../attempt/whose-login.ts";
import { limited, noSession } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { refreshNow } from "../process/refresh-now.ts";
import { rowAfter } from "../record/commit.ts";
import { openCredential } from "../record/records.ts";
import { hashOfToken } from "../record/token-hash.ts";
import { callTo, configuredServer, resolveServer, ServerProblem } from "../server/resolve-server.ts";
import type { FoundSession } from "../sessions.ts";
import { endedAtIssuer } from "./issuer-left.ts";
import { findSession } from "./session.ts";

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
  if (state.status !== "issued") return false;
  if (hashOfToken(state.accessToken) !== hash) return true;
  const wait = context.limiter.take("token rejected", row.id, MOST_PER_MINUTE);
  if (wait > 0) throw limited("rate_limited", "this session has reported too many rejected tokens", wait);
  const isRefreshable = state.refreshToken !== undefined;
  if (isRefreshable && isFresh(state, context.clock.now()) && (await isJudged(context, mount, state))) {
    await judgeRefused(context, row, state);
    return false;
  }
  await refreshNow(context, row, async (claimed) => {
    if (await endedAtIssuer(context, claimed, hash)) return;
    await refreshCredential(context, claimed, { seconds: 0, rejected: hash });
  });
  const present = await context.store.read({ mount, kind: "creds", name });
  const after = present && openCredential(context, present);
  return after?.status === "issued" && hashOfToken(after.accessToken) !== hash;
}

/** MX-U3: so new is a token that another refresh would bring nothing better; of a short life it is that part. Milliseconds. */
const FRESH_MS = 60_000;
const FRESH_PART = 1 / 5;

/** Of one call that decides nothing but whether to complain. Seconds. */
const CALL_S = 10;

function isFresh({ issuedAt, expiresAt }: Issued, now: number): boolean {
  const life = (expiresAt ?? Number.POSITIVE_INFINITY) - issuedAt;
  return now - issuedAt < Math.min(FRESH_MS, life * FRESH_PART);
}

/** Whether there is an API that can say more of a token than that it is refused. */
async function isJudged(context: Context, mount: string, { grant }: Issued): Promise<boolean> {
  const server = await configuredServer(context, mount, grant);
  return !(server instanceof ServerProblem) && server.provider.apiServer?.account !== undefined;
}

/**
 * An API refused a token that is new: the account's own server is asked, and what it refuses as well is told to readers
 * until a later refresh (matrix.md MX-U3, MX-U4). Trouble on the way says nothing (MX-U5).
 */
async function judgeRefused(context: Context, row: Row, state: Issued): Promise<void> {
  if (state.trouble) return;
  const who = await ask(context, row, state);
  if (who?.kind !== "refused") return;
  const next = await rowAfter(context, row, {
    kind: "refresh",
    event: { type: "api-refused", code: who.code, locked: who.locked },
  });
  // Who wrote it meanwhile knows better.
  await context.store.write(next, { id: row.id, revision: row.revision });
  context.log.warn("fresh_token_refused", { mount: row.mount, name: row.name, cause: who.code });
}

function ask(context: Context, { mount }: Row, { grant, accessToken }: Issued): Promise<WhoAmI | undefined> {
  return within(context, CALL_S, async (call) => {
    const server = await resolveServer(context, mount, grant, call);
    // A server record that is gone is told where it matters: at the next refresh.
    if (server instanceof ServerProblem) return undefined;
    const api = accountApiOf(server);
    return api && whoAmI(api.url, accessToken, api.account, callTo(server, call));
  });
}
