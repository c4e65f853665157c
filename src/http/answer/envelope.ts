import { type Reply, sendJson, sendNothing } from "./answer.ts";
import { inputWarnings } from "./input-warnings.ts";

export interface Extras {
  /** Whole seconds. */
  readonly leaseDuration?: number;
  readonly warnings?: readonly string[];
  /** Of what makes or renews a token. */
  readonly auth?: object;
}

/** 200 with Vault's envelope: all eight keys, always. */
export function sendData(reply: Reply, data: unknown, extras: Extras = {}): Reply {
  return sendJson(reply, 200, envelopeOf(reply, data, extras));
}

/** The same, with the data at top level too: old clients look for them there. */
export function sendBoth(reply: Reply, data: object): Reply {
  return sendJson(reply, 200, { ...data, ...envelopeOf(reply, data, {}) });
}

/** 204, or 200 with an envelope when there are warnings. */
export function sendDone(reply: Reply, own: readonly string[] = []): Reply {
  const isSilent = own.length === 0 && inputWarnings(reply.request).length === 0;
  return isSilent ? sendNothing(reply) : sendData(reply, null, { warnings: own });
}

/** The warnings of the operation, and behind them those about what was sent. */
export function envelopeOf(
  { request }: Pick<Reply, "request">,
  data: unknown,
  { leaseDuration = 0, warnings: own = [], auth }: Extras,
) {
  const warnings = [...own, ...inputWarnings(request)];
  return {
    request_id: request.id,
    lease_id: "",
    renewable: false,
    lease_duration: Math.max(0, Math.floor(leaseDuration)),
    data,
    wrap_info: null,
    warnings: warnings.length > 0 ? warnings : null,
    auth: auth ?? null,
  };
}
