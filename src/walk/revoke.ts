import { exchange } from "../protocol/endpoint.ts";
import { accountLinks } from "../protocol/identity/account-links.ts";
import { whoAmI } from "../protocol/identity/who-am-i.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import { processRevocationResponse, revocationRequest } from "../protocol/revocation.ts";
import { MATRIX_HOMESERVER } from "../providers/matrix-homeserver.ts";
import { recordingCall } from "./exchange.ts";
import { publicClient } from "./public-client.ts";
import type { Finding, FoundServer, StepResult, Tokens, WalkState } from "./state.ts";
import { bad, failed, good, missingStep, note, succeeded, warning } from "./step-result.ts";
import type { World } from "./world.ts";

export interface RevokeInput {
  /** By default the refresh token, which ends the whole login everywhere (MX-L1). */
  readonly token?: "refresh_token" | "access_token";
}

/** Step 9: ends the login (RFC 7009, MSC4254), and asks the homeserver whether the access token is dead. */
export async function revoke(state: WalkState, input: RevokeInput, world: World): Promise<StepResult> {
  const { found, client, tokens } = state;
  if (!found || !client || !tokens) return missingStep(state, "a token");
  const { call, exchanges } = recordingCall(world);
  const { accessToken, refreshToken } = tokens.current;
  const hint = input.token === "access_token" || refreshToken === undefined ? "access_token" : "refresh_token";
  const token = hint === "refresh_token" ? String(refreshToken) : accessToken;
  const response = await exchange(revocationRequest(found.metadata, publicClient(client), { token, hint }, call));
  if (response instanceof TransportError)
    return failed(state, exchanges, [bad("The revocation endpoint cannot be reached."), ALIVE]);
  const outcome = processRevocationResponse(response, [token]);
  if (outcome.kind !== "revoked") return failed(state, exchanges, [bad(outcome.text), ALIVE]);
  const after = await whoAmI(
    found.baseUrl + MATRIX_HOMESERVER.account.path,
    accessToken,
    MATRIX_HOMESERVER.account,
    call,
  );
  const proof =
    after.kind === "refused"
      ? good(`The homeserver refuses the token: ${after.code}`)
      : warning("The homeserver still accepts the token; it may cache it for two minutes.");
  const { tokens: _, account: _account, device: _device, link: _link, ...rest } = state;
  return succeeded(rest, exchanges, [good("Revoked."), proof, ...linkFindings(found, tokens)]);
}

const ALIVE = warning("Assume that the token is still valid.");

/** Pages where the person manages the account (MSC4191). */
function linksOf(found: FoundServer, { deviceId }: Pick<Tokens, "deviceId">) {
  return accountLinks(found.metadata, MATRIX_HOMESERVER.device.actions, deviceId);
}

function linkFindings(found: FoundServer, tokens: Tokens): readonly Finding[] {
  const { account_management_uri: uri, account_links: links = {} } = linksOf(found, tokens) as Links;
  if (uri === undefined) return [];
  return [
    note(`The account is managed at ${uri}`),
    ...Object.entries(links).map(([action, url]) => note(`${action}: ${url}`)),
  ];
}

interface Links {
  readonly account_management_uri?: string;
  readonly account_links?: Readonly<Record<string, string>>;
}
