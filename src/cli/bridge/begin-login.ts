import {
  CoatcheckError,
  type ConnectionOptions,
  type PromptData,
  promptOf,
  resume,
  type Session,
  type SessionData,
} from "../../client/index.ts";
import { call, connect } from "../../client/transport.ts";
import type { PendingLogin } from "../../mcp/sign-in-calls.ts";
import { systemClock } from "../../process/clock.ts";
import { connectionTo } from "../connect/broker.ts";
import { accountOf } from "../connect/held-session.ts";
import { createOutput, type Output } from "../frame/output.ts";
import type { KeptSession } from "../kept/sessions-file.ts";
import { finishLogin } from "../sign-in/finish-login.ts";
import { startLogin } from "../sign-in/start-login.ts";
import { type BridgeFlags, serverFlagsOf, textFlag } from "./bridge-flags.ts";
import type { Held, LoginUnderWay } from "./server/bridge-types.ts";
import type { Door } from "./server/door.ts";

/**
 * Begins a login, or joins the one that waits: under the session that is kept, where there is one, else as `coatcheck login` does,
 * at the broker and of the server that had it. Nothing is shown here, and no browser is opened (MCP-B2).
 */
export async function beginLogin(
  door: Door,
  flags: BridgeFlags,
  scopes: readonly string[],
  signal: AbortSignal,
): Promise<LoginUnderWay> {
  const out = createOutput({ plain: true, input: false });
  const held = door.held();
  const again = held && (await underSession(out, held, scopes, signal));
  return again ?? anew(out, door, flags, signal, held?.kept);
}

async function anew(
  out: Output,
  { target }: Door,
  flags: BridgeFlags,
  signal: AbortSignal,
  before: KeptSession | undefined,
): Promise<LoginUnderWay> {
  const { url, name } = target;
  const [scopes, addr] = [textFlag(flags, "--scopes"), textFlag(flags, "--addr") ?? before?.broker];
  const underWay = await startLogin(out, before?.server ?? url ?? name, {
    ...serverFlagsOf(flags),
    name,
    ...(scopes !== undefined && { scopes }),
    ...(addr !== undefined && { addr }),
    wait: true,
    qr: false,
    browser: false,
  });
  const { prompt, session, kept } = underWay;
  if (!prompt) {
    const state = await session.status();
    await finishLogin(out, underWay, state, true);
    return { approved: Promise.resolve(accountOf(state)) };
  }
  const login = pendingOf(kept.id, {
    verification_uri: prompt.verificationUri,
    ...(prompt.verificationUriComplete !== undefined && { verification_uri_complete: prompt.verificationUriComplete }),
    user_code: prompt.userCode,
    expires_in: prompt.expiresIn,
  });
  return { login, approved: finished(out, underWay, session.ready({ expiresIn: prompt.expiresIn, signal })) };
}

/** The same session once more: who else holds it has the new login as well. Undefined: that session is over. */
async function underSession(
  out: Output,
  held: Held,
  scopes: readonly string[],
  signal: AbortSignal,
): Promise<LoginUnderWay | undefined> {
  const { kept } = held;
  const connection = await connectionTo(kept.broker);
  const session = resume(kept.session, connection);
  try {
    const state = await session.status();
    if (state.status === "pending") {
      const { expiresIn } = promptOf(state);
      return { login: pendingOf(state.id, state), approved: finished(out, held, session.ready({ expiresIn, signal })) };
    }
    if (state.status !== "active") return undefined;
    const { login } = await renew(connection, kept.session, scopes);
    if (login?.status !== "pending") return { approved: Promise.resolve(accountOf(state)) };
    return { login: pendingOf(state.id, login), approved: renewed(session, signal) };
  } catch (error) {
    if (error instanceof CoatcheckError && error.status === 401) return undefined;
    throw error;
  }
}

function renew(connection: ConnectionOptions, bearer: string, scopes: readonly string[]): Promise<SessionData> {
  return call(connect(connection), { method: "POST", path: "session/login", bearer, body: { scopes: [...scopes] } });
}

async function finished(out: Output, held: Held, ready: Promise<SessionData>): Promise<string | undefined> {
  const state = await ready;
  await finishLogin(out, held, state, false);
  return accountOf(state);
}

/** Seconds that one look waits for a change. */
const LOOK_S = 30;

async function renewed(session: Session, signal: AbortSignal): Promise<string | undefined> {
  for (;;) {
    const state = await session.status({ wait: LOOK_S, signal });
    const { login } = state;
    if (login === undefined || login.status === "active") return accountOf(state);
    if (login.status !== "pending")
      throw new CoatcheckError(login.reason ?? login.status, login.error_description ?? `the login is ${login.status}`);
  }
}

/** What the agent shows to the person. */
function pendingOf(id: string, prompt: PromptData): PendingLogin {
  const { verification_uri = "", verification_uri_complete, user_code, expires_in = 0 } = prompt;
  return {
    id,
    address: verification_uri,
    ...(verification_uri_complete !== undefined && { addressWithCode: verification_uri_complete }),
    ...(user_code !== undefined && user_code !== "" && { code: user_code }),
    expiresAt: systemClock.wall() + expires_in * 1_000,
  };
}
