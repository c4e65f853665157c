import { restricts } from "../../mcp/tool-policy.ts";
import { credentialName, type Session, START_MS, sameLogin, sessionDue } from "../../session/index.ts";
import { StoreUnavailable } from "../../store/port.ts";
import { deleteCredential } from "../credential/delete-credential.ts";
import { BrokerError } from "../errors.ts";
import { detach } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { besideSession } from "../record/news.ts";
import { openContent, openCredential, plainRow } from "../record/records.ts";
import { newPublicId, newSecret, sessionKey, sessionRow } from "../record/session-records.ts";
import type { Caller, SessionInput, SessionView, StartedSession } from "../sessions.ts";
import { joinSession } from "./join-session.ts";
import { countLogin, reserveLogin } from "./pending-places.ts";
import { sessionView } from "./read-session.ts";
import { checkRequest, type SessionRequest } from "./session-request.ts";
import { startLogin } from "./start-login.ts";

/** Begins a login and answers the only copy of the session's secret; or joins the same login of the same program. */
export async function startSession(
  context: Context,
  mount: string,
  input: SessionInput,
  caller: Caller,
): Promise<StartedSession> {
  const request = await checkRequest(context, mount, input, caller);
  if (input.coalesce === "") return detach(context, start(context, request));
  const key = loginKey(context, request);
  const { coalescing } = context.sessions;
  const running = coalescing.get(key.name);
  if (running) return (await joinSession(context, mount, (await running).view.id, caller)) ?? start(context, request);
  const flight = detach(context, joinOrStart(context, request, key)).finally(() => coalescing.delete(key.name));
  coalescing.set(key.name, flight);
  return flight;
}

async function joinOrStart(
  context: Context,
  request: SessionRequest,
  key: ReturnType<typeof loginKey>,
): Promise<StartedSession> {
  const id = await rememberedLogin(context, key);
  const joined = id === undefined ? undefined : await joinSession(context, request.operation.mount, id, request.caller);
  if (joined) return joined;
  const started = await start(context, request);
  await rememberLogin(context, key, started.view);
  return started;
}

/**
 * The session's row is written before anything is asked for, and cannot be used before the login stands: a crash in
 * between leaves what nobody knows of, and the queue takes it away.
 */
async function start(context: Context, request: SessionRequest): Promise<StartedSession> {
  const { operation, scopes, input, caller } = request;
  const { mount, server } = operation;
  const [secret, id] = [newSecret(), newPublicId()];
  const place = { ...sessionKey(mount, secret), id };
  const now = context.clock.now();
  const who = {
    server: server.name,
    scopes,
    label: input.label,
    address: caller.address,
    ...(caller.trusted && { trusted: true }),
    ...(caller.accessor !== undefined && { startedBy: caller.accessor }),
    ...(restricts(input.tools) && { tools: input.tools }),
  };
  const session: Session = { phase: "starting", ...who, createdAt: now, lastUsedAt: now };
  const giveBack = reserveLogin(context, request, { credential: credentialName(id) }, now + START_MS);
  try {
    await context.store.write(sessionRow(context, place, session, now + START_MS), { absent: true });
    await startLogin(context, request, credentialName(id));
    return { secret, view: await open(context, request, place, session), joined: false };
  } catch (error) {
    giveBack();
    await takeBack(context, place);
    throw error;
  }
}

/** What has begun of it; a store that does not do so now leaves the session's row, with which the queue takes away both. */
async function takeBack(
  context: Context,
  { mount, id }: { readonly mount: string; readonly id: string },
): Promise<void> {
  try {
    await deleteCredential(context, mount, credentialName(id), true);
    await context.store.remove({ id });
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

/** From here on it is a session: its secret is about to be told. */
async function open(
  context: Context,
  request: SessionRequest,
  place: { readonly mount: string; readonly name: string; readonly id: string },
  started: Session,
) {
  const { mount, id } = place;
  const name = credentialName(id);
  const session: Session = { ...started, phase: "open" };
  const row = await context.store.read({ mount, kind: "creds", name });
  const state = row && openCredential(context, row);
  const due = state && sessionDue(session, state, request.operation.settings);
  const beside = besideSession(context, place, session, request.operation.settings);
  const opened =
    due !== undefined &&
    (await context.store.write({ ...sessionRow(context, place, session, due), ...beside }, { id }));
  if (!state || !opened)
    throw new BrokerError("repeat", "the login took too long: try again", { reason: "temporarily_unavailable" });
  if (state.status === "pending") countLogin(context, request, name, state.expiresAt);
  context.metrics.session("started");
  const { server, address, label } = session;
  context.log.info("session_started", { mount, id, server, address, label });
  return sessionView(context, { mount, id, session, name, state });
}

/** Where a pending login is found by the program that began it: by a hash of its own secret and what it asks for. */
function loginKey(context: Context, { operation: { mount, server }, scopes, input }: SessionRequest) {
  const { coalesce: secret, label, flow, expectedAccount: account, maximumExpirySeconds: life, tools } = input;
  const login = {
    secret,
    server: server.name,
    scopes,
    label,
    flow,
    account,
    life,
    options: input.providerOptions,
    tools,
  };
  const hash = context.seal.fingerprint(sameLogin(login));
  return { mount, kind: "flow", name: `login/${hash}` } as const;
}

type LoginKey = ReturnType<typeof loginKey>;

interface Remembered {
  /** Public id of the session. */
  readonly session: string;
}

async function rememberedLogin(context: Context, key: LoginKey): Promise<string | undefined> {
  const row = await context.store.read(key);
  return row && openContent<Remembered>(context, row).session;
}

async function rememberLogin(context: Context, key: LoginKey, { id, pending }: SessionView): Promise<void> {
  if (!pending) return;
  const due = { task: "expire", dueAt: pending.expiresAt } as const;
  const row = plainRow(context, { ...key, id: newId() }, { session: id } satisfies Remembered, due);
  await context.store.write(row, { anything: true });
}
