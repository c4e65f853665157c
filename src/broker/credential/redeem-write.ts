import { type Grant, operationTimeout } from "../../credential/index.ts";
import type { AuthorizationServer, Call, Client } from "../../protocol/client.ts";
import { type Redeemed, type Redemption, redeem } from "../attempt/redeem.ts";
import { refusalOf } from "../attempt/refusal.ts";
import { invalid } from "../errors.ts";
import { type Context, callWithin, detach } from "../process/context.ts";
import type { Destination } from "../record/destination.ts";
import { settingsOf } from "../record/settings.ts";
import { bindHome, locateHome } from "../server/bind-home.ts";
import type { Login } from "../server/login.ts";
import {
  asRefusal,
  boundServer,
  configuredServer,
  type ResolvedServer,
  resolveServer,
} from "../server/resolve-server.ts";

type Wanted = Omit<Redemption, "name" | "target" | "strict">;

interface Request {
  readonly send: (client: Client, call: Call) => Promise<Response>;
  readonly secrets: readonly string[];
}

/**
 * A write of `creds` by a one-time value: resolve the server, redeem, answer. Carried through even if the caller has
 * gone; throws `BrokerError` where nothing was stored.
 */
export async function redeemWrite(
  context: Context,
  { mount, name }: { mount: string; name: string },
  wanted: Wanted,
  request: (server: ResolvedServer) => Request,
): Promise<void> {
  const server = await resolveForWrite(context, mount, wanted.grant);
  const present = await context.store.read({ mount, kind: "creds", name });
  const grant = boundGrant(wanted.grant, server);
  const redemption = { ...wanted, grant, name, target: present?.id ?? null, strict: false };
  const seconds = secondsLeft(context, server);
  throwUnlessStored(await detach(context, redeem(context, mount, server, redemption, { ...request(server), seconds })));
}

/** A server, and until when (monotonic milliseconds) the operation that resolved it may last in all (oauthapp.md 8.3). */
export interface ServerForWrite extends ResolvedServer {
  readonly until: number;
  /** What the writer should know about it. */
  readonly warnings: readonly string[];
  /** Its client was registered for an earlier login. */
  readonly shared: boolean;
}

/** Seconds left of that operation. */
export function secondsLeft({ clock }: Context, { until }: ServerForWrite): number {
  return Math.max(0, until - clock.monotonic()) / 1000;
}

/** The server of a write; its problems are the writer's to see (400). A new login may register a client for itself. */
export async function resolveForWrite(
  context: Context,
  mount: string,
  grant: Destination,
  login?: Login,
): Promise<ServerForWrite> {
  return within(context, mount, async (call, until) => ({
    ...(await resolve(context, mount, grant, call, login)),
    until,
  }));
}

/** What a server offers to a login that may begin; nothing is registered for it yet. */
export function metadataForLogin(context: Context, mount: string, grant: Destination): Promise<AuthorizationServer> {
  return within(context, mount, async (call) => {
    const server = await configuredServer(context, mount, grant);
    if (!server.provider.home) return (await resolveServer(context, mount, grant, call)).metadata;
    return (await locateHome(context, server, grant.providerOptions, call)).located.metadata;
  });
}

async function within<T>(context: Context, mount: string, work: (call: Call, until: number) => Promise<T>): Promise<T> {
  const seconds = operationTimeout(await settingsOf(context, mount), undefined, 0);
  const until = context.clock.monotonic() + seconds * 1000;
  const { call, done } = callWithin(context, seconds);
  try {
    return await work(call, until);
  } catch (error) {
    throw asRefusal(error);
  } finally {
    done();
  }
}

async function resolve(context: Context, mount: string, grant: Destination, call: Call, login?: Login) {
  const server = await configuredServer(context, mount, grant);
  if (grant.binding || !server.provider.home) {
    return { ...(await resolveServer(context, mount, grant, call)), warnings: [], shared: false };
  }
  const { binding, ...more } = await bindHome(context, server, grant, call, login);
  return { ...boundServer(server, binding), ...more };
}

/** A grant as it is stored: with what its server was bound to, and the scopes that go with that. */
export function boundGrant(grant: Grant, { binding }: ResolvedServer): Grant {
  if (!binding) return grant;
  return { ...grant, scopes: [...binding.scopes, ...grant.scopes], binding };
}

export function throwUnlessStored(redeemed: Redeemed): void {
  if (redeemed.kind === "refused") throw refusalOf(redeemed.told, "one-time");
  if (redeemed.kind === "identity-refused") throw invalid(redeemed.text, { reason: redeemed.reason });
}
