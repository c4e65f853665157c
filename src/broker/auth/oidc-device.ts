import {
  type DeviceAuthorization,
  deviceAuthorizationRequest,
  processDeviceAuthorizationResponse,
} from "../../protocol/device-authorization.ts";
import { deviceTokenRequest } from "../../protocol/device-token.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { codeChallenge } from "../../protocol/pkce.ts";
import { processTokenResponse } from "../../protocol/response/token-response.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import type { AuthMount } from "../auth.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import type { JwtConfig } from "./jwt-role.ts";
import { LoginRefused } from "./method.ts";
import { endFlow, type Flow, findFlow, type KeptFlow, keepFlow, type SignedIn } from "./oidc-flow.ts";
import { clientOf, metadata, notNow, PROVIDER_SECONDS, signedIn } from "./provider.ts";

interface Shown {
  readonly url: string;
  readonly userCode: string;
}

/** Nobody has signed in yet: in these words (RFC 8628 3.5, vault-http.md section 8). */
export function pending(what: "authorization_pending" | "slow_down" = "authorization_pending"): BrokerError {
  return new BrokerError("refused", what);
}

/** Asks the provider for a device code. Throws `BrokerError`. */
export async function askForDevice(
  context: Context,
  config: JwtConfig,
  scopes: string,
  { verifier }: Flow,
): Promise<{ readonly device: NonNullable<Flow["device"]>; readonly shown: Shown }> {
  const challenge = await codeChallenge(verifier);
  const response = await within(context, PROVIDER_SECONDS, async (call) => {
    const as = await metadata(context, config, call);
    if (as.device_authorization_endpoint === undefined) throw noCodes();
    const asked = { scopes, codeChallenge: challenge };
    return exchange(deviceAuthorizationRequest(as, clientOf(config, as), asked, call));
  });
  if (response instanceof TransportError) throw notNow();
  const outcome = processDeviceAuthorizationResponse(response);
  if (outcome.kind === "unavailable" || outcome.kind === "ambiguous") throw notNow();
  if (outcome.kind !== "device") throw noCodes();
  const { device } = outcome;
  return {
    device: { code: device.deviceCode, interval: device.interval, nextAt: nextOf(context, device.interval) },
    shown: shownOf(device),
  };
}

function noCodes(): BrokerError {
  return invalid("the provider gives no device codes for this client");
}

function shownOf({ verificationUri, verificationUriComplete, userCode }: DeviceAuthorization): Shown {
  return { url: verificationUriComplete ?? verificationUri, userCode };
}

function nextOf({ clock }: Context, seconds: number): number {
  return clock.now() + seconds * 1000;
}

/** Asks once for whoever polls, and never before the provider's interval is over. Ends the flow with an answer. */
export async function pollDevice(
  context: Context,
  { mount, config }: { readonly mount: AuthMount; readonly config: JwtConfig },
  state: string,
  kept: KeptFlow,
): Promise<SignedIn> {
  const { flow } = kept;
  const { device } = flow;
  if (!device || device.nextAt > context.clock.now()) throw pending("slow_down");
  const next = { ...device, nextAt: nextOf(context, device.interval) };
  // Of two who poll at once one asks.
  if (!(await keepFlow(context, mount, state, { ...flow, device: next }, kept))) throw pending("slow_down");
  const asking = await findFlow(context, mount, state);
  if (!asking) throw pending("slow_down");
  return within(context, PROVIDER_SECONDS, async (call) => {
    const as = await metadata(context, config, call);
    const { verifier: codeVerifier } = flow;
    const response = await exchange(deviceTokenRequest(as, clientOf(config, as), device.code, call, { codeVerifier }));
    if (response instanceof TransportError) throw pending();
    const outcome = processTokenResponse(response);
    if (outcome.kind === "refused" && outcome.error.code === "slow_down") {
      const interval = Math.max(device.interval + 5, outcome.error.interval ?? 0);
      await keepFlow(
        context,
        mount,
        state,
        { ...flow, device: { ...device, interval, nextAt: nextOf(context, interval) } },
        asking,
      );
      throw pending("slow_down");
    }
    if (outcome.kind === "refused" && outcome.error.code === "authorization_pending") throw pending();
    if (outcome.kind === "unavailable") throw pending();
    await endFlow(context, asking);
    if (outcome.kind !== "tokens")
      throw new LoginRefused(`the provider says ${outcome.kind === "refused" ? outcome.error.code : outcome.kind}`);
    return signedIn(context, config, as, { tokens: outcome.tokens, flow }, call);
  });
}
