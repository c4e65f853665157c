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
  throwUnlessStored(await detach(context, redeem(context, mount, server, redemption, request(server))));
}

/** The server of a write; its problems are the writer's to see (400). */
export async function resolveForWrite(
  context: Context,
  mount: string,
  server: string,
  options: Readonly<Record<string, string>>,
): Promise<ResolvedServer> {
  const { call, done } = callWithin(context, operationTimeout(await settingsOf(context, mount), undefined, 0));
  try {
    return await resolveServer(context, mount, server, options, call);
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
