import { operationTimeout } from "../credential/index.ts";
import type { Call, Client } from "../protocol/client.ts";
import { type Context, callWithin, detach } from "./context.ts";
import { invalid } from "./errors.ts";
import { type Redeemed, type Redemption, redeem } from "./redeem.ts";
import { refusalOf } from "./refusal.ts";
import { asRefusal, type ResolvedServer, resolveServer } from "./resolve-server.ts";
import { settingsOf } from "./settings.ts";

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
  const server = await resolveForWrite(context, mount, wanted.grant.server, wanted.grant.providerOptions);
  const present = await context.store.read({ mount, kind: "creds", name });
  const redemption = { ...wanted, name, target: present?.id ?? null, strict: false };
  const seconds = secondsLeft(context, server);
  throwUnlessStored(await detach(context, redeem(context, mount, server, redemption, { ...request(server), seconds })));
}

/** A server, and until when (monotonic milliseconds) the operation that resolved it may last in all (oauthapp.md 8.3). */
export interface ServerForWrite extends ResolvedServer {
  readonly until: number;
}

/** Seconds left of that operation. */
export function secondsLeft({ clock }: Context, { until }: ServerForWrite): number {
  return Math.max(0, until - clock.monotonic()) / 1000;
}

/** The server of a write; its problems are the writer's to see (400). */
export async function resolveForWrite(
  context: Context,
  mount: string,
  server: string,
  options: Readonly<Record<string, string>>,
): Promise<ServerForWrite> {
  const seconds = operationTimeout(await settingsOf(context, mount), undefined, 0);
  const until = context.clock.monotonic() + seconds * 1000;
  const { call, done } = callWithin(context, seconds);
  try {
    return { ...(await resolveServer(context, mount, server, options, call)), until };
  } catch (error) {
    throw asRefusal(error);
  } finally {
    done();
  }
}

export function throwUnlessStored(redeemed: Redeemed): void {
  if (redeemed.kind === "refused") throw refusalOf(redeemed.told, "one-time");
  if (redeemed.kind === "identity-refused") throw invalid(redeemed.text, { reason: "id_token_invalid" });
}
