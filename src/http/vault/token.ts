import { rfc3339, type StsData, type TokenData } from "../../api/index.ts";
import type { TokenView } from "../../broker/broker.ts";
import type { Reply } from "../answer/answer.ts";
import { type Extras, envelopeOf, sendData } from "../answer/envelope.ts";
import { notFound } from "../answer/http-error.ts";

/** A token with its remaining life as `lease_duration`: agents read again after about 0.9 of it. */
export function sendToken(
  reply: Reply,
  view: TokenView | undefined,
  data: (view: TokenView) => TokenData | StsData,
): Reply {
  if (!view) throw notFound();
  return sendData(reply, data(view), extrasOf(view));
}

function extrasOf({ remainingSeconds, warnings }: TokenView): Extras {
  return { leaseDuration: remainingSeconds ?? 0, warnings };
}

/** The body that `sendToken` sends of `creds`. */
export function tokenEnvelope(request: Pick<Reply["request"], "id">, view: TokenView) {
  return envelopeOf(
    { request: { ...request, body: undefined, query: undefined, params: undefined } },
    tokenData(view),
    extrasOf(view),
  );
}

/** `creds` and `self` (oauthapp.md 5.2, 6). */
export function tokenData(view: TokenView): TokenData {
  return {
    server: view.server,
    access_token: view.accessToken,
    type: view.type,
    ...expireTime(view),
    ...(view.scopes.length > 0 && { scopes: [...view.scopes] }),
    ...unlessEmpty("extra_data", view.extraData),
    ...unlessEmpty("token_url_params", view.tokenUrlParams),
    ...(view.maximumExpirySeconds !== undefined &&
      view.maximumExpirySeconds > 0 && { maximum_expiry_seconds: view.maximumExpirySeconds }),
    ...unlessEmpty("provider_options", view.providerOptions),
  };
}

/** `sts` (oauthapp.md section 7). */
export function exchangedData(view: TokenView): StsData {
  return {
    access_token: view.accessToken,
    type: view.type,
    ...expireTime(view),
    ...(view.scopes.length > 0 && { scopes: [...view.scopes] }),
    ...(view.issuedTokenType !== undefined && { issued_token_type: view.issuedTokenType }),
  };
}

function expireTime({ expiresAt }: TokenView): { expire_time?: string } {
  return expiresAt === undefined ? {} : { expire_time: rfc3339(expiresAt) };
}

function unlessEmpty<Key extends string, Value>(key: Key, map: Readonly<Record<string, Value>> | undefined) {
  return map === undefined || Object.keys(map).length === 0
    ? {}
    : ({ [key]: map } as { [name in Key]: Record<string, Value> });
}
