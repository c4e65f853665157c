import { isRenewable, plan, reapReason, type Settings } from "../credential/index.ts";
import type { Claimed, Row, Task } from "../store/port.ts";
import { expireToken } from "./access/end-token.ts";
import { pollDeviceCode } from "./attempt/poll.ts";
import { recoverRedemption } from "./attempt/redeem.ts";
import { refreshCredential } from "./attempt/refresh.ts";
import { revokeCredential } from "./attempt/revoke.ts";
import { unregisterClient } from "./attempt/unregister.ts";
import { reapReplaced } from "./credential/delete-credential.ts";
import { emptyMount } from "./mount/empty.ts";
import type { Context } from "./process/context.ts";
import { whileHeld } from "./process/lease.ts";
import { type AuthorizationRequest, endsWith, wasUsed } from "./record/authorization-request.ts";
import { settleEvent } from "./record/commit.ts";
import { removeLink, removeLogin } from "./record/own-client.ts";
import { putIntoQuarantine } from "./record/quarantine.ts";
import { credentialRow, openContent, openCredential, openHistory } from "./record/records.ts";
import { unlessDamaged } from "./record/rows.ts";
import { settingsOf } from "./record/settings.ts";
import { expireSession } from "./session/session.ts";
import { tell } from "./webhook/deliver.ts";

/** A background revocation has no reader; its time is the mount's. */
const REVOCATION_SECONDS = 30;

const RUNNERS: Readonly<Record<Task, (context: Context, claimed: Claimed) => Promise<unknown>>> = {
  poll: pollDeviceCode,
  refresh: (context, claimed) => refreshCredential(context, claimed),
  redeem: recoverRedemption,
  expire: expire,
  reap: reap,
  tell,
  revoke: (context, claimed) =>
    whileHeld(context, claimed, REVOCATION_SECONDS, async (call) => {
      if (claimed.row.kind === "client") await unregisterClient(context, claimed, call);
      else await revokeCredential(context, claimed.row.id, call);
    }),
};

/** Does what a claimed row is due for. */
export async function runTask(context: Context, claimed: Claimed): Promise<void> {
  const { task } = claimed.row;
  if (task !== null) await RUNNERS[escrowTask(context, claimed.row) ?? task](context, claimed);
}

/** An answer in escrow comes first, whatever its row has become due for meanwhile. */
function escrowTask(context: Context, row: Row): Task | undefined {
  if (row.escrow === null || row.kind !== "creds") return undefined;
  const state = openCredential(context, row);
  if (state.status === "pending" && state.flow === "device") return "poll";
  return state.status === "issued" && isRenewable(state) ? "refresh" : undefined;
}

/** A pending flow ran out: the credential says so; an authorization link's own row just goes. */
async function expire(context: Context, claimed: Claimed): Promise<void> {
  const { row, claim } = claimed;
  if (row.kind === "session") return expireSession(context, claimed);
  if (row.kind === "token") return expireToken(context, row);
  if (row.kind === "config") return emptyMount(context, claimed);
  const kept = row.kind === "quarantine" && (await unlessDamaged(() => openCredential(context, row)));
  if (kept) return void (await removeLogin(context, row, kept.grant));
  if (row.kind === "flow") return removeLink(context, row.mount, row, await linkIn(context, claimed));
  if (row.kind !== "creds") return void (await context.store.remove(row));
  const lapsed = { kind: "expire", event: { type: "lapsed" } } as const;
  await settleEvent(context, row, openCredential(context, row), lapsed, { claim });
}

/** A link that nobody has come back by; one whose code was sent may have become a login. */
async function linkIn(context: Context, claimed: Claimed) {
  if (wasUsed(claimed)) return undefined;
  const request = await unlessDamaged(() => openContent<AuthorizationRequest>(context, claimed.row));
  return request && endsWith({ request });
}

/** Removes what has been of no use for long enough (oauthapp.md 8.5); a dead grant stays in quarantine. */
async function reap(context: Context, { row, claim }: Claimed): Promise<void> {
  const state = openCredential(context, row);
  const settings = await settingsOf(context, row.mount);
  const next = plan(state, settings);
  const now = context.clock.now();
  const ripe = next.task === "reap" && next.dueAt <= now;
  if (ripe) log(context, row.mount, row.name, reapReason(state), settings);
  if (ripe && !settings.reapDryRun) {
    const isKept = (await putIntoQuarantine(context, row, settings)) || (await reapReplaced(context, row, state));
    if (!isKept) await removeLogin(context, row, state.grant);
    return;
  }
  const content = { credential: state, history: openHistory(context, row) };
  const again = credentialRow(context, row, content, settings);
  const dueAt = ripe ? now + settings.reapCheckIntervalSeconds * 1000 : again.dueAt;
  await context.store.settle({ row: { ...again, dueAt }, by: { claim } });
}

function log(context: Context, mount: string, name: string, reason: string, settings: Settings): void {
  context.log.info(settings.reapDryRun ? "would_reap" : "reaped", { mount, name, reason });
}
