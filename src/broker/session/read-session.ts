import { type Credential, type Issued, judgeIdToken } from "../../credential/index.ts";
import { EXTRA_DATA_FIELDS } from "../../providers/index.ts";
import { credentialInUse, endsOf, type Status, statusOf } from "../../session/index.ts";
import { StoreUnavailable } from "../../store/port.ts";
import { refreshCredential } from "../attempt/refresh.ts";
import { verifyLater } from "../attempt/verify-later.ts";
import { pendingView } from "../credential/pending-view.ts";
import {
  credentialView,
  type Known,
  type Readable,
  readableCredential,
  readCredential,
  readToken,
} from "../credential/read-credential.ts";
import { readyToken } from "../credential/ready-token.ts";
import { BrokerError, noSession } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { openSession, sessionKey } from "../record/session-records.ts";
import { settingsOf } from "../record/settings.ts";
import { leadsTo } from "../server/leads-to.ts";
import { findServer } from "../server/server-record.ts";
import { recordWarnings } from "../server/session-access.ts";
import type { FoundSession, RenewalView, SessionToken, SessionView, TokenQuery } from "../sessions.ts";
import { lastTokenWarning, scopeWarning, tokenView } from "../token-view.ts";
import { findSession } from "./session.ts";

export async function readSession(context: Context, mount: string, secret: string): Promise<SessionView> {
  return sessionView(context, await findSession(context, mount, secret));
}

export async function sessionView(context: Context, found: FoundSession): Promise<SessionView> {
  const { mount, id, session, state, renewal } = found;
  const status = statusOf(state, context.clock.now());
  const stored = await findServer(context, mount, session.server);
  return {
    id,
    session,
    status,
    warnings: [...warningsOf(context, status), ...(stored ? recordWarnings(context, stored.record) : [])],
    extraData: forPrograms(state),
    ends: endsOf(session, await settingsOf(context, mount)),
    leadsTo: leadsTo(stored?.record, state.grant),
    apis: Object.keys(stored?.record.sessions?.proxyApis ?? {}),
    ...(status.kind === "pending" && { pending: pendingView(status.credential) }),
    ...(renewal && { renewal: renewalView(context, renewal) }),
  };
}

function renewalView({ clock }: Context, { scopes, state }: NonNullable<FoundSession["renewal"]>): RenewalView {
  const status = statusOf(state, clock.now());
  return { scopes, status, ...(status.kind === "pending" && { pending: pendingView(status.credential) }) };
}

/**
 * What came beside the token, also of a login that has ended: the next one may ask for the same device. What an OpenID
 * provider's operator asked for is not a program's.
 */
function forPrograms(state: Credential): Issued["extraData"] {
  const login = state.status === "failed" ? state.last : state;
  const extraData = login?.status === "issued" ? login.extraData : {};
  return Object.fromEntries(Object.entries(extraData).filter(([name]) => !OPERATORS_FIELDS.has(name)));
}

const OPERATORS_FIELDS: ReadonlySet<string> = new Set(EXTRA_DATA_FIELDS.choices);

function warningsOf({ clock }: Context, status: Status): readonly string[] {
  if (status.kind === "pending") return pendingView(status.credential).warnings ?? [];
  if (status.kind !== "active") return [];
  const { credential } = status;
  const now = clock.now();
  return [...lastTokenWarning(credential, now), ...scopeWarning(credential), ...tokenView(credential, now).warnings];
}

/** A current access token of the session's credential. The refresh token is not in it. */
export async function readSessionToken(
  context: Context,
  mount: string,
  secret: string,
  { minimumSeconds, idToken }: TokenQuery,
): Promise<SessionToken> {
  const { name, known } = await credentialOf(context, mount, secret);
  const token = idToken
    ? await readIdToken(context, mount, name, minimumSeconds)
    : await readCredential(context, mount, name, minimumSeconds, known);
  if (!token) throw noSession();
  return token;
}

/** The same from memory, where nothing has changed since it was read: see `readyToken`, and `findSession` of the session's own row. */
export function readySessionToken(context: Context, mount: string, secret: string): () => SessionToken | undefined {
  const { store, caches } = context;
  const key = sessionKey(mount, secret);
  const current = store.current(key);
  let of: { readonly name: string; readonly token: () => SessionToken | undefined } | undefined;
  return () => {
    const row = current() ?? store.recent(key)?.row;
    const name = row && caches.readySessions.of(row);
    if (name === undefined) return undefined;
    if (of?.name !== name) of = { name, token: readyToken(context, mount, name) };
    return of.token();
  };
}

/** Of a second secret it is the session's own, too. */
export function knownId(context: Context, mount: string, secret: string): string | undefined {
  const key = sessionKey(mount, secret);
  const row = context.store.current(key)() ?? context.store.recent(key)?.row;
  const opened = row && openSession(context, row);
  return opened && "alias" in opened ? opened.alias : row?.id;
}

/**
 * While the store does not answer, a session counts that it confirmed a moment ago and that was not to end since; its
 * credential is read in the same way (`readToken`).
 */
async function credentialOf(context: Context, mount: string, secret: string): Promise<{ name: string; known?: Known }> {
  try {
    const known = await findSession(context, mount, secret);
    return { name: known.name, known };
  } catch (error) {
    const row = error instanceof StoreUnavailable ? context.store.recent(sessionKey(mount, secret))?.row : undefined;
    const session = row && openSession(context, row);
    const lasts = row && (row.dueAt === null || row.dueAt > context.clock.now());
    if (!row || !session || !("phase" in session) || !lasts) throw error;
    return { name: credentialInUse(row.id, session) };
  }
}

/** The token of a credential with the id_token of its login (which `openLogin` leaves out), both with at least `minimumSeconds` of life. */
async function readIdToken(
  context: Context,
  mount: string,
  name: string,
  minimumSeconds: number,
): Promise<SessionToken | undefined> {
  const read = await readToken(context, readableWithIdToken(context, mount, name), minimumSeconds);
  if (!read) return undefined;
  const { idToken } = read.state;
  if (!idToken) throw new BrokerError("refused", MISSING, { reason: "id_token_missing" });
  const left = Math.floor((idToken.expiresAt - context.clock.now()) / 1000);
  return { ...credentialView(context, read), idToken: { text: idToken.text, remainingSeconds: left } };
}

const MISSING =
  "this login returned no id_token: only OpenID providers (provider=oidc or google) issue one; sign in again with such a server";

function readableWithIdToken(context: Context, mount: string, name: string): Readable {
  return {
    ...readableCredential(context, mount, name),
    judge: judgeIdToken,
    renew: async (claimed, seconds) => {
      if (await verifyLater(context, claimed, seconds)) return;
      await refreshCredential(context, claimed, { seconds, judge: judgeIdToken });
    },
  };
}
