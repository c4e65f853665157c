import type { Principal } from "../../access/authenticator.ts";
import type { CreatedToken } from "../access.ts";
import type { Context } from "../process/context.ts";
import type { Callers } from "./callers.ts";
import { checkParent, keepToken } from "./create-token.ts";

/** A browser is signed in for a working day at most. Seconds. */
const LONGEST = 28_800;

/**
 * A token that a browser has in the stead of the one that was typed: it may do exactly the same, needs no policy to be made (no
 * request of the API makes one), ends with it and no later, and can be ended alone. Throws `BrokerError`.
 */
export async function signIn(
  context: Context,
  callers: Callers,
  caller: Principal,
  ends?: "with its login",
): Promise<CreatedToken> {
  checkParent(caller);
  const now = context.clock.now();
  const expiresAt = Math.min(now + LONGEST * 1000, caller.token?.expiresAt ?? Number.POSITIVE_INFINITY);
  const { accessor, standsFor = accessor, policies, token: { entity } = {} } = caller;
  const made = await keepToken(context, callers, caller, {
    ...{ policies, expiresAt, standsFor, parent: accessor },
    ...(entity && { entity }),
    ...{ path: "ui/sign-in", displayName: "browser", meta: ends ? { ends } : {}, createdAt: now },
    ...{ ttl: Math.ceil((expiresAt - now) / 1000), renewable: false, period: 0, explicitMaxTtl: 0, usesLeft: 0 },
  });
  return { ...made, warnings: [] };
}
