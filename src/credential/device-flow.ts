import type { DeviceAuthorization } from "../protocol/device-authorization.ts";
import type { DevicePending } from "./credential.ts";
import type { Grant } from "./grant.ts";
import { DEFAULT_INTERVAL } from "./poll.ts";

/** Life of a caller's own device code whose `expires_in` it did not tell; a code never counts longer than a day. Seconds. */
const OWN_CODE_LIFE = 1_800;
const LONGEST_LIFE = 86_400;

/** What is known of every flow, also of one whose code somebody brought. */
type KnownOfFlow = Pick<DeviceAuthorization, "deviceCode" | "expiresIn" | "interval">;

/** A flow that begins now, of a request that was sent at `requestedAt`; `longest` caps its life, 0 = no cap (seconds). */
export function deviceFlow(
  grant: Grant,
  { expiresIn, interval, ...authorization }: Partial<DeviceAuthorization> & KnownOfFlow,
  { requestedAt, now, longest }: { readonly requestedAt: number; readonly now: number; readonly longest: number },
): DevicePending {
  return {
    status: "pending",
    flow: "device",
    grant,
    ...authorization,
    interval,
    expiresAt: requestedAt + (longest > 0 ? Math.min(longest, expiresIn) : expiresIn) * 1000,
    unanswered: 0,
    answerLost: false,
    // RFC 8628 3.4: the interval is waited before the first poll too.
    notBefore: now + interval * 1000,
    startedAt: now,
  };
}

/** A flow whose code a caller brought, with what was told about it; 0 = nothing. */
export function broughtFlow(
  grant: Grant,
  brought: KnownOfFlow & { readonly codeVerifier?: string },
  now: number,
): DevicePending {
  const { deviceCode, codeVerifier = "" } = brought;
  const expiresIn = brought.expiresIn > 0 ? brought.expiresIn : OWN_CODE_LIFE;
  const interval = brought.interval > 0 ? brought.interval : DEFAULT_INTERVAL;
  const flow = deviceFlow(grant, { deviceCode, expiresIn, interval }, { requestedAt: now, now, longest: LONGEST_LIFE });
  return codeVerifier === "" ? flow : { ...flow, codeVerifier };
}
