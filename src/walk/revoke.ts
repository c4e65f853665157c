import { message } from "../messages/walk/index.ts";
import { exchange } from "../protocol/endpoint.ts";
import { whoAmI } from "../protocol/identity/who-am-i.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import { processRevocationResponse, revocationRequest } from "../protocol/revocation.ts";
import { MATRIX_HOMESERVER } from "../providers/matrix-homeserver.ts";
import { accountPages } from "./account-pages.ts";
import { recordingCall } from "./exchange.ts";
import { publicClient } from "./public-client.ts";
import type { StepResult, WalkState } from "./state.ts";
import { bad, failed, good, missingStep, note, succeeded, warning } from "./step-result.ts";
import { told } from "./told.ts";
import { softLogoutOf } from "./who-am-i.ts";
import type { World } from "./world.ts";

export interface RevokeInput {
  /** By default the refresh token, which ends the whole login everywhere (MX-L1). */
  readonly token?: "refresh_token" | "access_token";
}

/** Step 9: ends the login (RFC 7009, MSC4254), and asks the homeserver whether the access token is dead. */
export async function revoke(state: WalkState, input: RevokeInput, world: World): Promise<StepResult> {
  const { found, client, tokens } = state;
  if (!found || !client || !tokens) return missingStep(state, message("missing.token"));
  const { call, exchanges } = recordingCall(world);
  const { accessToken, refreshToken } = tokens.current;
  const hint = input.token === "access_token" || refreshToken === undefined ? "access_token" : "refresh_token";
  const token = hint === "refresh_token" ? String(refreshToken) : accessToken;
  const response = await exchange(revocationRequest(found.metadata, publicClient(client), { token, hint }, call));
  if (response instanceof TransportError) return failed(state, exchanges, [bad(message("revoke.unreachable")), ALIVE]);
  const outcome = processRevocationResponse(response, [token]);
  if (outcome.kind !== "revoked") return failed(state, exchanges, [bad(told(outcome.text)), ALIVE]);
  const after = await whoAmI(
    found.baseUrl + MATRIX_HOMESERVER.account.path,
    accessToken,
    MATRIX_HOMESERVER.account,
    call,
  );
  const proof =
    after.kind === "refused"
      ? [
          good(message("whoami.refused", { code: after.code })),
          note(message("revoke.soft", { value: String(softLogoutOf(exchanges)) })),
        ]
      : [warning(message("revoke.cached"))];
  const { tokens: _, ...rest } = state;
  // The pages of this device have gone with it.
  const findings = [good(message("revoke.done")), ...proof, ...accountPages(found, tokens).slice(0, 1)];
  return succeeded({ ...rest, revoked: true }, exchanges, findings);
}

const ALIVE = warning(message("revoke.alive"));
