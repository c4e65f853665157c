import { atOtherPorts, LOOPBACK_REDIRECT } from "../../protocol/loopback-redirect.ts";
import { findProvider } from "../../providers/index.ts";
import { authorizationCodeUrl } from "../credential/authorization-code-url.ts";
import type { DeviceStart } from "../credential/credential-write.ts";
import { invalid } from "../errors.ts";
import { beside, detach } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { type Loopback, type LoopbackDoor, PortTaken } from "../process/loopback.ts";
import { nameOfChange } from "../process/session-memory.ts";
import { openCredential } from "../record/records.ts";
import { eachOfKind } from "../record/rows.ts";
import { registersClient } from "../server/bind-grant.ts";
import type { ConfiguredServer } from "../server/resolve-server.ts";
import type { SessionRequest } from "./session-request.ts";

/**
 * A login at a person's own broker (RFC 8252): straight to the authorization endpoint, and back to a port of this machine,
 * which is listened at before anybody knows the address. Whoever reaches the broker's socket is that person: no code is typed.
 */
export async function startLoopbackLogin(
  context: Context,
  loopback: Loopback,
  { operation, caller }: SessionRequest,
  { name, input, session }: DeviceStart,
): Promise<void> {
  const { mount, server } = operation;
  const { redirectUri: registered = "" } = server.record.sessions ?? {};
  const usual = findProvider(server.record.provider)?.loopbackRedirect ?? LOOPBACK_REDIRECT;
  const wanted = registered === "" ? usual : registered;
  const door = await openDoor(loopback, [wanted, ...(mayMove(server) ? atOtherPorts(wanted) : [])]);
  try {
    await authorizationCodeUrl(context, mount, {
      server: server.name,
      scopes: input.scopes,
      providerOptions: input.providerOptions,
      redirectUrl: "",
      state: "",
      authUrlParams: {},
      name,
      pkce: "S256",
      codeChallenge: "",
      maximumExpirySeconds: input.maximumExpirySeconds,
      comesBackTo: door.redirectUri,
      ...(session && { session }),
      ...(!caller.trusted && { network: caller.network }),
    });
  } catch (error) {
    door.close();
    throw error;
  }
  beside(context, "loopback", closeAtEnd(context, { mount, name }, door));
}

/**
 * Whether the usual port can be another one where it is taken: the client is registered for the port of its login (MCP-R5), or its
 * server takes any (RFC 8252 7.3). One that somebody registered and gave is exactly that.
 */
function mayMove(server: ConfiguredServer): boolean {
  const { record } = server;
  if (record.sessions?.redirectUri) return false;
  if (registersClient(server)) return true;
  return record.registration !== undefined || findProvider(record.provider)?.anyLoopbackPort === true;
}

/** At the first of these that is free; two people of one machine may want the same port. */
async function openDoor(loopback: Loopback, redirectUris: readonly string[]): Promise<LoopbackDoor> {
  let taken: PortTaken | undefined;
  for (const redirectUri of redirectUris) {
    try {
      return await loopback.open(redirectUri);
    } catch (error) {
      if (!(error instanceof PortTaken)) throw error;
      taken ??= error;
    }
  }
  throw invalid(taken?.message ?? "there is no port", { reason: "temporarily_unavailable" });
}

interface WaitingLogin {
  readonly mount: string;
  readonly name: string;
}

/** Open for as long as the login waits. */
async function closeAtEnd(context: Context, login: WaitingLogin, door: LoopbackDoor): Promise<void> {
  const waiter = context.sessions.passing.join(nameOfChange(login.mount, login.name));
  try {
    while (!door.stopping.aborted) {
      const left = await detach(context, timeLeft(context, login));
      if (left <= 0) return;
      await waiter.next(left, door.stopping);
    }
  } finally {
    waiter.end();
    door.close();
  }
}

/** Milliseconds; 0: the login is over. */
async function timeLeft(context: Context, { mount, name }: WaitingLogin): Promise<number> {
  const row = await context.store.read({ mount, kind: "creds", name });
  const state = row && openCredential(context, row);
  return state?.status === "pending" ? state.expiresAt - context.clock.now() : 0;
}

/** After a start: logins that were waiting when the process ended can still come back. */
export async function reopenLoopback(context: Context, mount: string): Promise<void> {
  const { loopback } = context;
  if (!loopback) return;
  await eachOfKind(context, { mount, kind: "creds", prefix: "session/" }, async ({ name, task, ...row }) => {
    if (task !== "expire") return;
    const state = openCredential(context, { ...row, name, task });
    if (state.status !== "pending" || state.flow !== "code" || state.redirectUri === undefined) return;
    const door = await loopback.open(state.redirectUri).catch(() => undefined);
    if (door) beside(context, "loopback", closeAtEnd(context, { mount, name }, door));
    else context.log.warn("loopback_port_taken", { mount, id: name });
  });
}
