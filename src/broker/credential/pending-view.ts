import { type CodePending, DEFAULT_INTERVAL, type DevicePending } from "../../credential/index.ts";
import type { PendingView } from "../errors.ts";

/** What a reader may see of a pending credential; the device code is not in it. */
export function pendingView(state: DevicePending | CodePending): PendingView {
  if (state.flow === "code") return codeView(state);
  const { userCode, verificationUri, verificationUriComplete, suspended, warnings, pageWarning } = state;
  return {
    expiresAt: state.expiresAt,
    interval: state.interval,
    ...(userCode !== undefined && { userCode }),
    ...(verificationUri !== undefined && { verificationUri }),
    ...(verificationUriComplete !== undefined && { verificationUriComplete }),
    ...(warnings && { warnings }),
    ...(pageWarning !== undefined && { pageWarning }),
    ...(suspended && { reason: suspended.reason }),
    ...(suspended?.providerError !== undefined && { providerError: suspended.providerError }),
  };
}

/** With a user code the program cannot tell it from a provider's device grant. */
function codeView({ url, userCode, redirectUri, expiresAt }: CodePending): PendingView {
  if (redirectUri !== undefined) return { verificationUri: url, redirectUri, expiresAt, interval: DEFAULT_INTERVAL };
  if (userCode === undefined) return { url, expiresAt };
  const verificationUriComplete = `${url}?${new URLSearchParams({ user_code: userCode })}`;
  return { userCode, verificationUri: url, verificationUriComplete, expiresAt, interval: DEFAULT_INTERVAL };
}
