import { accountOf, type Credential, isRenewable, reasonOf, settleDeath } from "../../credential/index.ts";
import type { Row } from "../../store/port.ts";
import type { CredentialInfo, CredentialState } from "../broker.ts";
import type { Context } from "../process/context.ts";
import { openCredential } from "../record/records.ts";
import { pendingView } from "./pending-view.ts";

/** What lists tell of a credential: never tokens, codes or links. */
export function infoOfRow(context: Context, row: Row): CredentialInfo {
  return infoOf(asRead(context, row));
}

/** The same with what explains it, and what the broker does next. */
export function stateOfRow(context: Context, row: Row): CredentialState {
  const state = asRead(context, row);
  const { task, dueAt } = row;
  return {
    ...infoOf(state),
    ...wordsOf(state),
    ...(state.status === "issued" && {
      issuedAt: state.issuedAt,
      scopes: state.scopes,
      refreshable: isRenewable(state) && state.trouble?.kind !== "dead",
      ...(state.refreshEnd && { refreshEndsAt: state.refreshEnd.at }),
    }),
    ...(isRetryable(state) && { retryable: true }),
    ...(state.status === "pending" && { pending: pendingView(state) }),
    ...(task !== null && dueAt !== null && { next: { task, at: dueAt } }),
  };
}

/** A login that never brought a token left nothing to try. */
function isRetryable(state: Credential): boolean {
  return state.status === "failed" ? state.last !== undefined : "trouble" in state && state.trouble?.kind === "dead";
}

/** As a read would judge it: a dead grant has failed when its last token has expired. */
function asRead(context: Context, row: Row): Credential {
  const state = openCredential(context, row);
  return state.status === "issued" ? settleDeath(state, context.clock.now()) : state;
}

function infoOf(state: Credential): CredentialInfo {
  const reason = reasonOf(state);
  const account = accountOf(state);
  return {
    status: state.status,
    server: state.grant.server,
    ...(reason !== undefined && { reason }),
    ...("expiresAt" in state && state.expiresAt !== undefined && { expiresAt: state.expiresAt }),
    ...(account && { account }),
  };
}

function wordsOf(state: Credential): Pick<CredentialState, "text" | "providerError"> {
  const suspended = state.status === "pending" && state.flow === "device" ? state.suspended : undefined;
  const said = state.status === "failed" ? state : state.status === "issued" ? state.trouble : suspended;
  const { text, providerError } = { providerError: undefined, text: undefined, ...said };
  return { ...(text !== undefined && { text }), ...(providerError !== undefined && { providerError }) };
}
