import type { CredentialHistory } from "../broker.ts";
import type { Context } from "../process/context.ts";
import { openHistory } from "../record/records.ts";
import { stateOfRow } from "./credential-info.ts";

/** What a credential is now, and the attempts of its life, oldest first; undefined when there is none of that name. */
export async function readHistory(
  context: Context,
  mount: string,
  name: string,
): Promise<CredentialHistory | undefined> {
  const row = await context.store.read({ mount, kind: "creds", name });
  return row && { credential: stateOfRow(context, row), attempts: openHistory(context, row) };
}
