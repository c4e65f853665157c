import {
  type Credential,
  heldUntil,
  type Issued,
  inDoubt,
  isRenewable,
  judge,
  operationTimeout,
  refreshWindow,
} from "../../credential/index.ts";
import { refreshTokenRequest } from "../../protocol/refresh-token.ts";
import { metadataForRefresh } from "../../providers/index.ts";
import type { Claimed } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { whileHeld } from "../process/lease.ts";
import { openCredential } from "../record/records.ts";
import { settingsOf } from "../record/settings.ts";
import { hashOfToken } from "../record/token-hash.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import { attempt, type Flow } from "./attempt.ts";
import { ofCredential, settleOrRelease } from "./of-credential.ts";
import { renewOwn } from "./renew-own.ts";

/** What a reader needs of a refresh; nothing where the clock wants it. */
export interface RefreshNeed {
  /** Seconds of life. */
  readonly seconds?: number;
  /** What must live so long; the access token, if nothing is said. */
  readonly judge?: typeof judge;
  /** An API refused the token whose SHA-256 (hex) this is. */
  readonly rejected?: string;
}

/** One refresh of a claimed credential, if it is due or somebody needs it. */
export async function refreshCredential(context: Context, claimed: Claimed, need: RefreshNeed = {}): Promise<void> {
  const { row, claim } = claimed;
  const state = openCredential(context, row);
  const settings = await settingsOf(context, row.mount);
  const { seconds = refreshWindow(settings) } = need;
  const now = context.clock.now();
  if (!isRefreshable(state) || !(row.escrow || isNeeded(claimed, state, { ...need, seconds }, now))) {
    return context.store.release(row.id, claim, { untouched: true });
  }
  const left = state.expiresAt === undefined ? undefined : (state.expiresAt - now) / 1000;
  await whileHeld(context, claimed, operationTimeout(settings, left, seconds), (call) =>
    attempt(context, flowOf(context, claimed, state), call),
  );
}

type Refreshable = Issued & { readonly refreshToken: string };

function isRefreshable(state: Credential): state is Issued {
  return state.status === "issued" && isRenewable(state);
}

function flowOf(context: Context, claimed: Claimed, state: Issued): Flow<boolean> {
  const { refreshToken } = state;
  return refreshToken === undefined
    ? renewOwn(context, claimed, state)
    : refreshFlow(context, claimed, { ...state, refreshToken });
}

function isNeeded({ row }: Claimed, state: Issued, need: RefreshNeed & { seconds: number }, now: number): boolean {
  const due = row.task === "refresh" && row.dueAt !== null && row.dueAt <= now;
  // Between a reader's look and its claim somebody else may have refreshed it.
  const judgement = (need.judge ?? judge)(state, need.seconds, now);
  return due || (judgement.kind === "short" && judgement.refreshable) || isRejected(state, need.rejected, now);
}

/** An API may know earlier than we that a token is dead; unless the server wants to be left alone just now. */
function isRejected({ accessToken, trouble }: Issued, rejected: string | undefined, now: number): boolean {
  if (rejected === undefined || hashOfToken(accessToken) !== rejected) return false;
  return trouble === undefined || (trouble.kind !== "dead" && trouble.retryAt <= now);
}

/** Of a grace: what is left must be enough for a replay. */
const SHARE_OF_GRACE = 2 / 3;

function refreshFlow(context: Context, claimed: Claimed, state: Refreshable): Flow<boolean> {
  const { row, claim } = claimed;
  const { refreshToken, grant, secret } = state;
  const doubt = row.intent !== claim || state.issuedAt < (context.life.takenOverAt ?? 0);
  const recovered = doubt || inDoubt(state);
  const fence = row.lineage === null ? undefined : { lineage: row.lineage };
  const prefix = "refresh failed: ";
  return {
    ...ofCredential(context, { claimed, state, kind: "refresh", prefix, fence, doubt, recovered, grace }),
    secret,
    refreshing: true,
    secrets: [refreshToken],
    repeatable: (server) => !recovered && isReusable(server),
    request: ({ metadata, provider }, client, call) =>
      refreshTokenRequest(metadataForRefresh(provider, metadata), client, refreshToken, call, provider.parameters),
    // Until when a token in doubt must not be sent: where a late replay would do harm.
    gate: (server) => {
      const until = recovered ? graceOver(context, server, state, doubt) : undefined;
      if (until === undefined) return undefined;
      return settleOrRelease(context, { claimed, state, kind: "refresh" }, { type: "held", until });
    },
    patience: (server) => {
      const seconds = grace(server);
      return seconds === undefined ? undefined : seconds * SHARE_OF_GRACE;
    },
    login: { previous: state, session: grant.session },
  };
}

/** requirements.md section 4: of all profiles only a grace makes haste useful. Seconds. */
function grace({ provider: { rotation } }: ResolvedServer): number | undefined {
  return rotation.kind === "grace" ? rotation.seconds : undefined;
}

/** Using such a token again harms nothing. */
function isReusable({ provider: { rotation } }: ResolvedServer): boolean {
  return rotation.kind === "none" || rotation.kind === "reusable";
}

/** Of a request whose process died nobody knows when it was sent; longer ago than a lease lasts. */
function graceOver({ clock }: Context, server: ResolvedServer, state: Issued, crashed: boolean): number | undefined {
  const seconds = grace(server);
  return seconds === undefined ? undefined : heldUntil(state, { crashed, grace: seconds }, clock.now());
}
