import type { Grant } from "../../credential/index.ts";
import { type Redeemed, type Redemption, redeem } from "../attempt/redeem.ts";
import { refusalOf } from "../attempt/refusal.ts";
import type { TokenRequest } from "../attempt/token-request.ts";
import { invalid } from "../errors.ts";
import { detach } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { type ReadyOperation, secondsLeft } from "../server/operation.ts";
import { boundGrant } from "../server/resolve-server.ts";
import type { CredentialWrite } from "./credential-write.ts";

/** What of a redemption its grant type knows. */
type Value = Pick<Redemption, "kind" | "prefix" | "nonce" | "refreshToken"> & { readonly grant: Grant };

/**
 * A write of `creds` by a one-time value. Carried through even if the caller has gone; throws `BrokerError` where nothing
 * was stored.
 */
export async function redeemValue(
  context: Context,
  operation: ReadyOperation,
  { mount, name }: CredentialWrite,
  value: Value,
  asked: Pick<TokenRequest, "request" | "secrets">,
): Promise<void> {
  const { server } = operation;
  const present = await context.store.read({ mount, kind: "creds", name });
  const grant = boundGrant(value.grant, server);
  const redemption = { ...value, grant, name, target: present?.id ?? null, strict: false };
  const work = redeem(context, server, redemption, asked, secondsLeft(context, operation));
  throwUnlessStored(await detach(context, work));
}

function throwUnlessStored(redeemed: Redeemed): void {
  if (redeemed.kind === "refused") throw refusalOf(redeemed.response, "one-time");
  if (redeemed.kind === "identity-refused") throw invalid(redeemed.text, { reason: redeemed.reason });
}
