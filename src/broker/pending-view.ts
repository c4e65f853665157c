import type { CodePending, DevicePending } from "../credential/index.ts";
import type { PendingView } from "./errors.ts";

/** What a reader may see of a pending credential; the device code is not in it. */
export function pendingView(state: DevicePending | CodePending): PendingView {
  if (state.flow === "code") return { url: state.url, expiresAt: state.expiresAt };
  const { userCode, verificationUri, verificationUriComplete, suspended } = state;
  return {
    expiresAt: state.expiresAt,
    interval: state.interval,
    ...(userCode !== undefined && { userCode }),
    ...(verificationUri !== undefined && { verificationUri }),
    ...(verificationUriComplete !== undefined && { verificationUriComplete }),
    ...(suspended && { reason: suspended.reason }),
    ...(suspended?.providerError !== undefined && { providerError: suspended.providerError }),
  };
}
