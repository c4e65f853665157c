import {
  type OneSession,
  rfc3339,
  type SessionAccount,
  type SessionData,
  type SessionList,
  type SessionStarted,
} from "../../api/index.ts";
import type { ListedSession, RenewalView, SessionPage, SessionView, StartedSession } from "../../broker/sessions.ts";
import { promptFields } from "../answer/session-errors.ts";
import type { SessionsFor } from "../gate/session-rights.ts";

/** A session on the wire. */
export function sessionData(view: SessionView, now: number): SessionData {
  const { id, session, status, pending, renewal, ends, extraData, apis, warnings } = view;
  return {
    id,
    ...common(view),
    ...leadsTo(view),
    ...(pending && promptFields(pending, now)),
    ...wayFields(status),
    ...(pending?.reason !== undefined && { reason: pending.reason }),
    ...(status.kind === "active" && activeFields(status)),
    ...("ended" in status && reasonFields(status.ended)),
    ...(renewal && { login: loginFields(renewal, now) }),
    ...(Object.keys(extraData).length > 0 && { extra_data: { ...extraData } }),
    ...(warnings.length > 0 && { warnings: [...warnings] }),
    ...(apis.length > 0 && { apis: [...apis] }),
    created_time: rfc3339(session.createdAt),
    last_used_time: rfc3339(session.lastUsedAt),
    ...(ends.idleAt !== undefined && { idle_expire_time: rfc3339(ends.idleAt) }),
    ...(ends.at !== undefined && { session_expire_time: rfc3339(ends.at) }),
  };
}

function common({ session, status }: Pick<SessionView, "session" | "status">) {
  const { server, scopes, label } = session;
  return { status: status.kind, server, scopes: [...scopes], ...(label !== "" && { label }) };
}

function loginFields({ scopes, status, pending }: RenewalView, now: number): NonNullable<SessionData["login"]> {
  return {
    status: status.kind,
    scopes: [...scopes],
    ...(pending && promptFields(pending, now)),
    ...("ended" in status && reasonFields(status.ended)),
  };
}

function leadsTo({ leadsTo: { api, resource } }: Pick<SessionView, "leadsTo">) {
  return { ...(api !== undefined && { api_server: api }), ...(resource !== undefined && { resource }) };
}

type Status = SessionView["status"];

/** Of a login: how it goes, and why so. */
function wayFields(status: Status): Pick<SessionData, "flow" | "flow_reason"> {
  const way = status.kind === "pending" ? status.credential.grant.session?.way : undefined;
  return way ? { flow: way.flow, flow_reason: way.because } : {};
}

function activeFields({ credential, account, trouble }: Extract<Status, { kind: "active" }>) {
  return {
    granted_scopes: [...credential.scopes],
    ...(account && { account: accountData(account) }),
    ...(credential.expiresAt !== undefined && { expire_time: rfc3339(credential.expiresAt) }),
    ...(credential.refreshEnd && { refresh_expire_time: rfc3339(credential.refreshEnd.at) }),
    refreshable:
      (credential.refreshToken !== undefined || credential.grant.own === true) && credential.trouble?.kind !== "dead",
    ...(trouble && reasonFields(trouble)),
  };
}

function accountData({ subject, issuer, name }: NonNullable<Extract<Status, { kind: "active" }>["account"]>) {
  return { subject, issuer, ...(name !== undefined && { name }) } satisfies SessionAccount;
}

type Reasons = NonNullable<Extract<Status, { kind: "active" }>["trouble"]>;

function reasonFields({ reason, text, providerError }: Reasons) {
  return {
    reason,
    error_description: text,
    ...(providerError !== undefined && { provider_error: providerError }),
  };
}

export function startedData({ secret, view, joined }: StartedSession, now: number): SessionStarted {
  const { expires_in = 0, interval = 0, ...prompt } = view.pending ? promptFields(view.pending, now) : {};
  return {
    session_id: secret,
    id: view.id,
    ...common(view),
    ...leadsTo(view),
    ...wayFields(view.status),
    user_code: "",
    verification_uri: "",
    ...prompt,
    expires_in,
    interval,
    ...(joined && { joined }),
  };
}

export function listData({ sessions, next, counts }: SessionPage, told: SessionsFor): SessionList {
  return {
    ...(counts && { counts }),
    sessions: sessions.map((one) => summary(one, told)),
    ...(next !== undefined && { next }),
  };
}

/** One that waits says what its person needs to whoever began it, or whose account it is of: nobody else is asked. */
export function oneData(found: ListedSession, told: SessionsFor, now: number): OneSession {
  const data = summary(found, told);
  return { ...data, ...(data.yours && found.pending && promptFields(found.pending, now)) };
}

/** What a list says of a session. */
function summary(
  { id, credential, session, status, account: holder }: ListedSession,
  { isYours, mayEnd }: SessionsFor,
): SessionList["sessions"][number] {
  const account = status.kind === "active" ? status.account : undefined;
  const reason = "ended" in status ? status.ended.reason : undefined;
  return {
    id,
    ...common({ session, status }),
    ...(account && { account: accountData(account) }),
    ...(reason !== undefined && { reason }),
    address: session.address,
    credential,
    created_time: rfc3339(session.createdAt),
    last_used_time: rfc3339(session.lastUsedAt),
    yours: isYours(session, holder),
    may_end: mayEnd(id)(session, holder),
  };
}
