import { type Credential, type Reason, settleDeath } from "../../credential/index.ts";
import type { CredentialInfo, CredentialList, Page } from "../broker.ts";
import type { Context } from "../process/context.ts";
import { openCredential } from "../record/records.ts";
import { rowsOf, unlessDamaged } from "../record/rows.ts";

/** Names with status, never tokens, codes or links; a damaged record is listed by its name alone. */
export async function listCredentials(
  context: Context,
  mount: string,
  kind: "creds" | "self",
  page: Page,
): Promise<CredentialList> {
  const rows = await rowsOf(context, mount, kind, page);
  const info: Record<string, CredentialInfo> = Object.create(null);
  for (const row of rows) {
    const found = await unlessDamaged(context, row, () => infoOf(asRead(context, openCredential(context, row))));
    if (found) info[row.name] = found;
  }
  return { names: rows.map((row) => row.name), info };
}

/** As a read would judge it: a dead grant has failed when its last token has expired. */
function asRead({ clock }: Context, state: Credential): Credential {
  return state.status === "issued" ? settleDeath(state, clock.now()) : state;
}

function infoOf(state: Credential): CredentialInfo {
  const reason = reasonOf(state);
  return {
    status: state.status,
    server: state.grant.server,
    ...(reason !== undefined && { reason }),
    ...("expiresAt" in state && state.expiresAt !== undefined && { expiresAt: state.expiresAt }),
  };
}

function reasonOf(state: Credential): Reason | undefined {
  if (state.status === "failed") return state.reason;
  if (state.status === "pending") return state.flow === "device" ? state.suspended?.reason : undefined;
  const { trouble } = state;
  return trouble === undefined ? undefined : trouble.kind === "suspect" ? "temporarily_unavailable" : trouble.reason;
}
