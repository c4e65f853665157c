/**
 * One login from the command line: begun or joined here, waited for (wait-for-person), kept (finish-login). The flow itself,
 * polls included, is the broker's, and goes on without this process.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  CoatcheckError,
  type ConnectionOptions,
  type Prompt,
  promptOf,
  resume,
  type Session,
  type SessionData,
  start,
} from "../../client/index.ts";
import { brokerAddress, connectionTo, OWN } from "../connect/broker.ts";
import { loginAgain, loginWords } from "../connect/find-login.ts";
import { leftLogin, overText } from "../connect/held-session.ts";
import { namingToken, operatorOf, operatorToken } from "../connect/operator.ts";
import { CliError, EXIT, failureOf, usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { stateFolder } from "../kept/folders.ts";
import { updatePrivate } from "../kept/private-file.ts";
import { dropPending, type KeptSession, keepPending, readSessions } from "../kept/sessions-file.ts";
import { chooseServer, NoServerNamed } from "./choose-server.ts";
import { endSession } from "./end-session.ts";
import { keepApproved } from "./finish-login.ts";
import { addServer, canBeAdded, serverOf, withOptions } from "./homeserver.ts";
import { loginFailure, missingServer } from "./login-failure.ts";
import { isSame, type LoginFlags, type LoginPlan, planLogin } from "./login-flags.ts";
import { recordOf } from "./server-flags.ts";

/** A login that is under way, or is over. */
export interface LoginUnderWay {
  readonly name: string;
  readonly kept: KeptSession;
  readonly session: Session;
  /** Absent when the person has decided already. */
  readonly prompt?: Prompt;
  /** Of one that waits and was begun earlier. */
  readonly way?: Pick<SessionData, "flow" | "flow_reason">;
  /** Made by this process: an interrupt cancels it. */
  readonly isOurs: boolean;
}

/** Starts a login, or joins the one of the same name, server and scopes that waits; a living one stays unless forced. */
export async function startLogin(
  out: Output,
  named: string | undefined,
  flags: LoginFlags & { addr?: string },
): Promise<LoginUnderWay> {
  const broker = brokerAddress(flags.addr);
  const server = named ?? (await onlyServer(broker));
  try {
    return await startAt(out, server, broker, flags);
  } catch (error) {
    if (!(error instanceof NoServerNamed)) throw error;
    return startAt(out, await chooseServer(out, error), broker, flags);
  }
}

async function startAt(out: Output, server: string, broker: string, flags: LoginFlags): Promise<LoginUnderWay> {
  await settleApproved(out, flags.name ?? server);
  const before = readSessions()[flags.name ?? server];
  const plan = planLogin(server, flags, before);
  const connection = await connectionTo(broker, out.verbose);
  for (const kept of [before?.next, before]) {
    if (!kept || !isSame(kept, plan, broker)) continue;
    const found = await underWay(plan.name, kept, resume(kept.session, connection));
    if (found && (found.prompt ? !isOtherWay(flags, found) : !flags.force)) return found;
  }
  return startNew(plan, broker, connection, flags);
}

/** A login that was approved while nobody here waited for it is a good one, which no other that waits may take the place of. */
async function settleApproved(out: Output, name: string): Promise<void> {
  const found = readSessions()[name];
  const kept = found?.next ?? (found?.pending ? found : undefined);
  if (!kept) return;
  try {
    const state = await resume(kept.session, await connectionTo(kept.broker)).status();
    if (state.status === "active") await keepApproved(out, { name, kept }, state);
  } catch {
    // What cannot be asked is left as it is, and the older login where that is the better one.
  }
}

/** Shows a login again that was started here before. */
export async function resumeLogin(out: Output, name: string | undefined): Promise<LoginUnderWay> {
  const sessions = Object.entries(readSessions()).map(([key, kept]) => [key, kept.next ?? kept] as const);
  const [found, ...others] = sessions.filter(([key, kept]) => (name === undefined ? kept.pending : key === name));
  if (!found || others.length > 0) {
    const message = found
      ? "several logins are pending"
      : name === undefined
        ? "no login is pending"
        : `there is no login "${name}"`;
    throw usage(`${message}: give the name of a login that was started on this machine (coatcheck list)`);
  }
  const [key, kept] = found;
  const connection = await connectionTo(kept.broker, out.verbose);
  const login = await underWay(key, kept, resume(kept.session, connection));
  if (login) return login;
  const over = overText(await leftLogin(out, kept));
  dropPending(key, kept, { ...kept, pending: false, ...(over && { over }) });
  const next = loginWords({ name: key, kept });
  if (over === "denied")
    throw new CliError("access_denied", `the login "${key}" was denied`, { exit: EXIT.refused, next });
  throw new CliError("expired_token", `the login "${key}" has ended`, { exit: EXIT.timeout, next });
}

/** `undefined` for a session that is over, or that the broker does not know any more. */
async function underWay(name: string, kept: KeptSession, session: Session): Promise<LoginUnderWay | undefined> {
  const state = await session.status().catch((error: unknown) => {
    if (error instanceof CoatcheckError && error.fixedBy === "person") return undefined;
    throw failureOf(error);
  });
  if (state?.status === "active" && state.reason === undefined) return { name, kept, session, isOurs: false };
  if (state?.status !== "pending") return undefined;
  return { name, kept, session, prompt: promptOf(state), way: state, isOurs: false };
}

/** What waits is none of what is asked for now: a code where a browser is wanted, or the other way round. */
function isOtherWay({ web, device }: LoginFlags, { way }: LoginUnderWay): boolean {
  return Boolean(web && way?.flow === "device") || Boolean(device && way?.flow_reason === "program");
}

async function startNew(
  plan: LoginPlan,
  broker: string,
  connection: ConnectionOptions,
  flags: LoginFlags,
): Promise<LoginUnderWay> {
  const { tokenFile } = flags;
  const { scopes, flow, label, expected } = plan;
  // The operator of a person's own broker is that person.
  const token = tokenFile === undefined && broker !== OWN ? {} : { token: operatorToken(broker, tokenFile) };
  const flowed = flow ? { flow } : {};
  const known = serverOf(plan.server, broker);
  const target = flags.newRegistration ? withOptions(known, { new_registration: "true" }) : known;
  const said = await recordOf(flags);
  // What is said of a server holds for the logins to come as well.
  if (said) await addServer(target, said);
  const account = expected === undefined ? {} : { expected_account: expected };
  const told = tokenFile === undefined ? connection : namingToken(connection, broker, tokenFile);
  const asked = { ...told, ...token, ...flowed, ...target, ...account, scopes: [...scopes], label };
  const begin = () => start({ ...asked, coalesce: coalesceKey() });
  const started = await begin()
    .catch(async (error: unknown) => {
      if (!canBeAdded(target) || !isServerMissing(error)) throw error;
      await addServer(target);
      return begin();
    })
    .catch(async (error: unknown) => {
      throw error instanceof CoatcheckError ? await startFailure(error, plan, broker) : error;
    });
  const { session, id, prompt, joined } = started;
  // Without a name it is the broker's default.
  const server = plan.server || (await session.status()).server;
  const name = plan.name || server;
  const expecting = expected === undefined ? {} : { expected };
  const kept = { broker, server, session: session.id, id, scopes, ...flowed, ...expecting, label, pending: true };
  const displaced = keepPending(name, kept);
  if (displaced) await endSession(displaced);
  return { name, kept, session, prompt, isOurs: !joined };
}

/** What was typed as a server may be the name of a login; and who named none is told which there are. */
async function startFailure(error: CoatcheckError, plan: LoginPlan, broker: string): Promise<CliError> {
  const failure =
    error.code === "server_missing" && broker === OWN
      ? await missingServer(error, plan.server)
      : loginFailure(error, { name: plan.name, kept: { broker, ...plan } }, false);
  const isUnknown = error.code === "server_missing" || error.code === "permission_denied";
  const named = isUnknown ? loginAgain(plan.server, readSessions(), broker) : undefined;
  if (named && named[2] !== plan.server) {
    const { message, code, exit } = failure;
    return new CliError(code, `${message}; "${plan.server}" is the name of a login here`, { exit, next: named });
  }
  if (plan.server !== "" || error.code !== "invalid_request") return failure;
  return new NoServerNamed(error.servers ?? [], error.message, broker === OWN);
}

/** The only server of a person's own broker, where none was named; empty: the broker has a default, or says what there is. */
async function onlyServer(broker: string): Promise<string> {
  if (broker !== OWN) return "";
  const [only = "", ...more] = await (await operatorOf({ addr: OWN })).servers.list();
  return more.length === 0 ? only : "";
}

function isServerMissing(error: unknown): boolean {
  return error instanceof CoatcheckError && error.code === "server_missing";
}

/** Two logins of this person that start at once, for the same server, scopes and label, are one. Bytes. */
const SECRET_BYTES = 32;

function coalesceKey(): string {
  let secret = "";
  updatePrivate(join(stateFolder(), "program-secret"), (text) => {
    secret = text ?? randomBytes(SECRET_BYTES).toString("base64url");
    return text === undefined ? secret : undefined;
  });
  return secret;
}
