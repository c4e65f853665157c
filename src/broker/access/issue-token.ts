import type { Principal } from "../../access/authenticator.ts";
import { newToken } from "../../access/root-token.ts";
import type { Token } from "../../access/token.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import type { Callers } from "./callers.ts";
import { newAccessor, tokenName, tokenRow } from "./token-rows.ts";

/** Writes a new token; its secret is in this answer and nowhere else. Throws `BrokerError` where what it hangs on has ended. */
export async function issueToken(
  context: Context,
  callers: Callers,
  token: Token,
): Promise<{ readonly token: string; readonly principal: Principal }> {
  const [secret, id] = [newToken(), newAccessor()];
  await context.store.write(tokenRow(context, { name: tokenName(secret), id }, token), { absent: true });
  const principal = await callers.find({ accessor: id });
  if (!principal) throw invalid("what makes this token has ended");
  return { token: secret, principal };
}
