import { judgeIdToken } from "../../credential/index.ts";
import { refreshCredential } from "../attempt/refresh-credential.ts";
import { credentialView, type Readable, readableCredential, readToken } from "../credential/read-credential.ts";
import { BrokerError } from "../errors.ts";
import type { Context } from "../process/context.ts";
import type { SessionToken } from "../sessions.ts";

/** The token of a credential with the id_token of its login, both with at least `minimumSeconds` of life. */
export async function readIdToken(
  context: Context,
  mount: string,
  name: string,
  minimumSeconds: number,
): Promise<SessionToken | undefined> {
  const read = await readToken(context, readableWithIdToken(context, mount, name), minimumSeconds);
  if (!read) return undefined;
  const { idToken } = read.state;
  if (!idToken) throw new BrokerError("refused", MISSING, { reason: "id_token_missing" });
  const left = Math.floor((idToken.expiresAt - context.clock.now()) / 1000);
  return { ...credentialView(context, read), idToken: { text: idToken.text, remainingSeconds: left } };
}

const MISSING =
  "this login brought no id_token: only OpenID providers (provider=oidc or google) give one; sign in again at such a server";

function readableWithIdToken(context: Context, mount: string, name: string): Readable {
  return {
    ...readableCredential(context, mount, name),
    judge: judgeIdToken,
    renew: (claimed, wanted) => refreshCredential(context, claimed, { wanted, judge: judgeIdToken }),
  };
}
