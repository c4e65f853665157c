import type { Credential, Identity } from "./credential.ts";
import type { Reason } from "./reason.ts";

/** Why it failed, or what is wrong with it now. */
export function reasonOf(state: Credential): Reason | undefined {
  if (state.status === "failed") return state.reason;
  if (state.status === "pending") return state.flow === "device" ? state.suspended?.reason : undefined;
  const { trouble } = state;
  return trouble === undefined ? undefined : trouble.kind === "suspect" ? "temporarily_unavailable" : trouble.reason;
}

/** Who signed in, or did before it failed. */
export function accountOf(state: Credential): Identity | undefined {
  return state.status === "issued" ? state.identity : state.status === "failed" ? state.last?.identity : undefined;
}
