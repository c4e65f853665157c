import { credentialName, type Session, START_MS, sessionDue } from "../../session/index.ts";
import { BrokerError } from "../errors.ts";
import { type Context, detach } from "../process/context.ts";
import { openCredential } from "../record/records.ts";
import { newPublicId, newSecret, sessionKey, sessionRow } from "../record/session-records.ts";
import { settingsOf } from "../record/settings.ts";
import type { Caller, SessionInput, StartedSession } from "../sessions.ts";
import { endSessionRow } from "./end-session-row.ts";
import { joinSession, loginKey, rememberedLogin, rememberLogin } from "./join-session.ts";
import { countLogin, reserveLogin } from "./limit-logins.ts";
import { viewOf } from "./read-session.ts";
import { startLogin } from "./start-login.ts";
import { checkWanted, type Wanted } from "./wanted-session.ts";

/** Begins a login and answers the only copy of the session's secret; or joins the same login of the same program. */
export async function startSession(
  context: Context,
  mount: string,
  input: SessionInput,
  caller: Caller,
): Promise<StartedSession> {
  const wanted = await checkWanted(context, mount, input, caller);
  if (input.coalesce === "") return detach(context, start(context, wanted));
  const key = loginKey(context, wanted);
  const { coalescing } = context.sessions;
  const running = coalescing.get(key.name);
  if (running) return (await joinSession(context, mount, (await running).view.id)) ?? start(context, wanted);
  const flight = detach(context, joinOrStart(context, wanted, key)).finally(() => coalescing.delete(key.name));
  coalescing.set(key.name, flight);
  return flight;
}

async function joinOrStart(
  context: Context,
  wanted: Wanted,
  key: ReturnType<typeof loginKey>,
): Promise<StartedSession> {
  const id = await rememberedLogin(context, key);
  const joined = id === undefined ? undefined : await joinSession(context, wanted.mount, id);
  if (joined) return joined;
  const started = await start(context, wanted);
  await rememberLogin(context, key, started.view);
  return started;
}

/**
 * The session's row is written before anything is asked for, and cannot be used before the login stands: a crash in
 * between leaves what nobody knows of, and the queue takes it away.
 */
async function start(context: Context, wanted: Wanted): Promise<StartedSession> {
  const { mount, server, scopes, input, caller } = wanted;
  const [secret, id] = [newSecret(), newPublicId()];
  const place = { ...sessionKey(mount, secret), id };
  const now = context.clock.now();
  const { label } = input;
  const { address } = caller;
  const session: Session = { phase: "starting", server, scopes, label, address, createdAt: now, lastUsedAt: now };
  const giveBack = await reserveLogin(context, wanted, id, now + START_MS);
  try {
    await context.store.write(sessionRow(context, place, session, now + START_MS), { absent: true });
    await startLogin(context, wanted, credentialName(id));
    return { secret, view: await open(context, wanted, place, session), joined: false };
  } catch (error) {
    giveBack();
    await context.store.remove(id);
    throw error;
  }
}

/** From here on it is a session: its secret is about to be told. */
async function open(
  context: Context,
  wanted: Wanted,
  place: { readonly mount: string; readonly name: string; readonly id: string },
  started: Session,
) {
  const { mount, id } = place;
  const name = credentialName(id);
  const session: Session = { ...started, phase: "open" };
  const row = await context.store.read({ mount, kind: "creds", name });
  const state = row && openCredential(context, row);
  const due = state && sessionDue(session, state, await settingsOf(context, mount));
  const opened = due !== undefined && (await context.store.write(sessionRow(context, place, session, due), { id }));
  if (!state || !opened) {
    await endSessionRow(context, place);
    throw new BrokerError("repeat", "the login took too long: try again", { reason: "temporarily_unavailable" });
  }
  if (state.status === "pending") countLogin(context, wanted, id, state.expiresAt);
  context.metrics.session("started");
  const { server, address, label } = session;
  context.log.info("session_started", { mount, id, server, address, label });
  return viewOf(context, { mount, id, session, name, state });
}
