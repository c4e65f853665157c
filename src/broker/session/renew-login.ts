import {
  type Renewal,
  renewalName,
  type Session,
  START_MS,
  sessionDue,
  statusOf,
  withStepUp,
} from "../../session/index.ts";
import { deleteCredential } from "../credential/delete-credential.ts";
import { invalid, limited, noSession } from "../errors.ts";
import { detach } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { splitScopes } from "../record/grant.ts";
import { openSession, sessionRow } from "../record/session-records.ts";
import { settingsOf } from "../record/settings.ts";
import { askedScopes } from "../server/asked-scopes.ts";
import type { Caller, FoundSession, SessionInput, SessionView } from "../sessions.ts";
import { admit } from "./admit.ts";
import { countLogin, reserveLogin } from "./pending-places.ts";
import { sessionView } from "./read-session.ts";
import { findSession, openFound, writeUse } from "./session.ts";
import { checkRequest, type SessionRequest } from "./session-request.ts";
import { startLogin } from "./start-login.ts";

/** A login that was approved so lately is the answer to whoever asks for one. Milliseconds. */
const FRESH_MS = 60_000;

/**
 * Login again under the same session (MCP-T3): for a grant that has ended, or for more scopes. One login at a time, which all
 * who want it wait for; the grant in use stays so until the person has approved, and for good when nobody does.
 */
export async function renewLogin(
  context: Context,
  mount: string,
  secret: string,
  scopes: readonly string[],
  caller: Caller,
): Promise<SessionView> {
  const found = await findSession(context, mount, secret);
  return sessionView(context, await renewFound(context, found, scopes, caller));
}

/** The session with a login that waits, or was approved just now. Throws `BrokerError`. */
export async function renewFound(
  context: Context,
  found: FoundSession,
  scopes: readonly string[],
  caller: Caller,
): Promise<FoundSession> {
  requireFew(scopes);
  const { renewing } = context.sessions;
  const running = renewing.get(found.id);
  if (running) {
    const joined = await running;
    if (isAnswered(context, joined, scopes)) return joined;
  }
  const flight = detach(context, joinOrBegin(context, found.id, scopes, caller)).finally(() => {
    if (renewing.get(found.id) === flight) renewing.delete(found.id);
  });
  renewing.set(found.id, flight);
  return flight;
}

async function joinOrBegin(
  context: Context,
  id: string,
  scopes: readonly string[],
  caller: Caller,
): Promise<FoundSession> {
  const row = await context.store.readById(id);
  const found = row && (await openFound(context, row));
  if (!row || !found) throw noSession();
  if (isAnswered(context, found, scopes)) return found;
  await admit(context, row.mount, "start", caller);
  return begin(context, id, wantedScopes(found, scopes), { caller, isStepUp: scopes.length > 0 });
}

/** A login of the session waits for all of these scopes, or has just brought them. */
function isAnswered({ clock }: Context, { session, state, renewal }: FoundSession, scopes: readonly string[]): boolean {
  const now = clock.now();
  const covers = (asked: readonly string[]) => scopes.every((scope) => asked.includes(scope));
  if (statusOf(state, now).kind === "pending") return true;
  if (renewal && statusOf(renewal.state, now).kind === "pending") return covers(renewal.scopes);
  // Who wants more than that has been told so by an API, with its token.
  const isFresh = session.renewedAt !== undefined && now - session.renewedAt < FRESH_MS;
  return isFresh && scopes.length === 0 && statusOf(state, now).kind === "active";
}

/** MCP-T3: what was asked for before, and what is wanted now. A renewal that waits is not forgotten over another. */
function wantedScopes({ session, state, renewal }: FoundSession, scopes: readonly string[]): readonly string[] {
  const asked = [
    ...session.scopes,
    ...(scopes.length > 0 ? askedScopes(state.grant) : state.grant.scopes),
    ...(renewal?.scopes ?? []),
    ...splitScopes(scopes),
  ];
  const all = [...new Set(asked)];
  if (scopes.length > 0) requireFew(all);
  return all;
}

/** ST-52: more than any API has; they are compared with each other, kept, and sent in an address. */
const MOST_SCOPES = 200;
/** Characters, with the blanks between them. */
const LONGEST_SCOPES = 8_192;

function requireFew(scopes: readonly string[]): void {
  if (splitScopes(scopes).length <= MOST_SCOPES && scopes.join(" ").length <= LONGEST_SCOPES) return;
  throw invalid(
    `a login may ask for ${MOST_SCOPES} scopes of ${LONGEST_SCOPES} characters altogether, those of before too`,
  );
}

interface How {
  readonly caller: Caller;
  readonly isStepUp: boolean;
}

/** The session's row says first that there is such a login: a crash leaves no login that belongs to nobody. */
async function begin(context: Context, id: string, scopes: readonly string[], how: How): Promise<FoundSession> {
  for (;;) {
    const row = await context.store.readById(id);
    const found = row && (await openFound(context, row));
    const before = row && openSession(context, row);
    if (!row || !found || !before || "alias" in before) throw noSession();
    const { mount } = row;
    const settings = await settingsOf(context, mount);
    if (found.isNews) {
      // What was approved just now is the login in use, and none to be forgotten.
      await writeUse(context, row, found, settings);
      continue;
    }
    const caller = { ...how.caller, trusted: before.trusted === true };
    const request = await checkRequest(context, mount, inputOf(found, scopes), caller);
    const renewal = { credential: renewalName(id, newId()), scopes, address: how.caller.address };
    const session = { ...counted(context, found.session, scopes, how), renewal };
    const next = sessionRow(context, row, session, sessionDue(session, found.state, settings));
    const begun = await takingPlace(context, request, renewal.credential, before.renewal, async () => {
      // Somebody has used it, or joined it, meanwhile.
      if (!(await context.store.write(next, { id, revision: row.revision }))) return undefined;
      await forget(context, mount, before.renewal);
      await startLogin(context, request, renewal.credential);
      context.log.info("session_login_begun", { mount, id, server: session.server, address: renewal.address });
      const present = await context.store.readById(id);
      const renewed = present && (await openFound(context, present));
      if (!renewed) throw noSession();
      return renewed;
    });
    if (begun) return begun;
  }
}

/** It counts among the pending logins of its address and server, like a session's first; in the place of the one before it. */
async function takingPlace(
  context: Context,
  request: SessionRequest,
  credential: string,
  before: Renewal | undefined,
  start: () => Promise<FoundSession | undefined>,
): Promise<FoundSession | undefined> {
  const place = { credential, ...(before && { instead: before.credential }) };
  const giveBack = reserveLogin(context, request, place, context.clock.now() + START_MS);
  let begun: FoundSession | undefined;
  try {
    begun = await start();
    return begun;
  } finally {
    const waits = begun?.renewal?.state;
    if (waits?.status === "pending") countLogin(context, request, credential, waits.expiresAt);
    else giveBack();
  }
}

function counted({ clock }: Context, session: Session, scopes: readonly string[], { isStepUp }: How): Session {
  if (!isStepUp) return session;
  const stepped = withStepUp(session, scopes, clock.now());
  if ("session" in stepped) return stepped.session;
  const text =
    "the server asks for these scopes again, although a login for them was begun twice in 10 minutes, or 20 for any";
  throw limited("rate_limited", text, Math.ceil(stepped.wait / 1000));
}

/** One that came to nothing, or asked for less. */
async function forget(context: Context, mount: string, renewal: Renewal | undefined): Promise<void> {
  if (renewal) await deleteCredential(context, mount, renewal.credential, "queued");
}

/** The same login once more; of the same account, where anybody says whose it is. */
function inputOf({ session, state }: FoundSession, scopes: readonly string[]): SessionInput {
  const { grant } = state;
  const { providerOptions, maximumExpirySeconds = 0, session: of } = grant;
  const known = state.status === "failed" ? state.last : state;
  const account = known?.status === "issued" ? known.identity?.subject : undefined;
  return {
    server: session.server,
    scopes,
    label: session.label,
    flow: of?.way?.because === "program" ? "page" : "",
    providerOptions,
    coalesce: "",
    maximumExpirySeconds,
    tools: {},
    expectedAccount: of?.expectedAccount ?? account ?? "",
  };
}
