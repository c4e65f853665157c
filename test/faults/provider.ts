import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { json, proper } from "../servers/faults.ts";
import type { Fault, Misbehaving } from "../servers/misbehaving.ts";
import { startMisbehavingServer } from "../servers/misbehaving-server.ts";
import { type Issuer, type Rotation, startIssuer } from "./issuers.ts";
import { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";

export interface Provider {
  /** The wire: what a broker talks to. */
  readonly as: Misbehaving;
  readonly issuer: Issuer;
  readonly ledger: Ledger;
  /** Called once, when a rotation is committed and its answer not yet sent. */
  beforeAnswer: (() => void) | undefined;
  /** What the approval of a login brings; unless set, the model's own tokens. */
  login: (() => Promise<object>) | undefined;
}

/** Longest pause before and after the provider commits: wide enough for a kill to fall on either side. Milliseconds. */
const PAUSE_MS = 60;

/** Seconds. Refreshed at half of that, so refreshes are always under way. */
export const ACCESS_LIFE = 4;

/** A provider that takes its time before and after it commits, and writes down every use of a refresh token. */
export async function startProvider(
  t: TestContext,
  random: Random,
  rotation: Rotation = "oidc-provider",
): Promise<Provider> {
  const as = await startMisbehavingServer();
  t.after(() => as.close());
  const issuer = await startIssuer(t, as, rotation);
  issuer.accessLife = ACCESS_LIFE;
  const provider: Provider = { as, issuer, ledger: new Ledger(), beforeAnswer: undefined, login: undefined };
  as.reply("/token", slowly(provider, random));
  as.reply("/revoke", async (exchange) => {
    const { status, body } = await issuer.answer("/revoke", exchange.form);
    return json(status, body)(exchange);
  });
  return provider;
}

function slowly(provider: Provider, random: Random): Fault {
  const { ledger, issuer } = provider;
  return async (exchange) => {
    if (!exchange.form.has("refresh_token"))
      return provider.login ? json(200, await provider.login())(exchange) : proper()(exchange);
    const use = ledger.begin(exchange.form.get("refresh_token") ?? "");
    exchange.response.once("close", () => {
      use.endedAt = performance.now();
    });
    await setTimeout(random.between(0, PAUSE_MS));
    // Some providers do the work for a client that has gone, some notice.
    const notices = use.endedAt !== undefined && random.next() < 0.5;
    const answer = notices ? undefined : await issuer.answer("/token", exchange.form);
    use.isOver = true;
    if (!answer) return;
    const { status, body } = answer;
    const { refresh_token: successor, access_token: accessToken } = body;
    if (typeof successor === "string" && typeof accessToken === "string")
      ledger.rotated(use, successor, accessToken, Number(body.expires_in));
    await setTimeout(random.between(0, PAUSE_MS));
    provider.beforeAnswer?.();
    provider.beforeAnswer = undefined;
    return json(status, body)(exchange);
  };
}

/** What is under way at the provider has had its effect: it commits also for those who are gone. */
export async function settleProvider({ ledger }: Provider): Promise<void> {
  // What a dead process has sent may not have been read yet.
  await setTimeout(2 * PAUSE_MS);
  const underWay = ledger.uses.filter(({ isOver }) => !isOver);
  while (!underWay.every(({ isOver }) => isOver)) await setTimeout(10);
}

/** A random moment to kill somebody: every other time one at which a request has just come. */
export async function randomMoment({ ledger }: Provider, random: Random): Promise<void> {
  await setTimeout(random.between(100, 1_000));
  if (random.next() < 0.5) return;
  const count = ledger.uses.length;
  while (ledger.uses.length === count) await setTimeout(5);
  await setTimeout(random.between(0, 2 * PAUSE_MS));
}
