import type { Issued } from "../../credential/index.ts";
import { type WhoAmI, whoAmI } from "../../protocol/who-am-i.ts";
import type { Row } from "../../store/port.ts";
import { type Context, callWithin } from "../process/context.ts";
import { after } from "../record/commit.ts";
import { credentialRow } from "../record/records.ts";
import { settingsOf } from "../record/settings.ts";
import { resolveServer, ServerProblem } from "../server/resolve-server.ts";
import { accountUrl } from "./account.ts";

/** MX-U3: so new is a token that another refresh would bring nothing better, if it still lives so long. Milliseconds. */
const FRESH_MS = 60_000;

/** Of one call that decides nothing but whether to complain. Seconds. */
const CALL_S = 10;

export function isFresh({ grant, issuedAt, expiresAt }: Issued, now: number): boolean {
  const left = (expiresAt ?? Number.POSITIVE_INFINITY) - now;
  return grant.binding !== undefined && now - issuedAt < FRESH_MS && left >= FRESH_MS;
}

/**
 * An API refused a token that is new: the account's own server is asked, and what it refuses as well is told to readers
 * until a later refresh (matrix.md MX-U3, MX-U4). Trouble on the way says nothing (MX-U5).
 */
export async function judgeRefused(context: Context, row: Row, state: Issued): Promise<void> {
  if (state.trouble) return;
  const who = await ask(context, row, state);
  if (who?.kind !== "refused") return;
  const content = after(context, row, state, { kind: "refresh", event: { type: "api-refused", code: who.code } });
  const next = credentialRow(context, row, content, await settingsOf(context, row.mount));
  // Who wrote it meanwhile knows better.
  await context.store.write(next, { id: row.id, revision: row.revision });
  context.log.warn("fresh_token_refused", { mount: row.mount, name: row.name, cause: who.code });
}

async function ask(context: Context, { mount }: Row, { grant, accessToken }: Issued): Promise<WhoAmI | undefined> {
  const { call, done } = callWithin(context, CALL_S);
  try {
    const { binding, provider } = await resolveServer(context, mount, grant, call);
    if (!binding || !provider.home) return undefined;
    return await whoAmI(accountUrl(binding, provider.home), accessToken, provider.home.account, call);
  } catch (error) {
    // A server record that is gone is told where it matters: at the next refresh.
    if (error instanceof ServerProblem) return undefined;
    throw error;
  } finally {
    done();
  }
}
