import { credentialName } from "../../session/index.ts";
import type { Row } from "../../store/port.ts";
import { deleteCredential, type Revoke } from "../credential/delete-credential.ts";
import type { Context } from "../process/context.ts";
import { nameOfChange, tellEnd } from "../process/session-memory.ts";
import { forget } from "../record/quarantine.ts";
import { openCredential } from "../record/records.ts";

/**
 * Ends a session: its credential first, which becomes a revocation in one write; so a crash in between leaves a session
 * without a credential, which is none, and never a grant without a session. Answers the warnings of the revocation.
 */
export async function endSessionRow(
  context: Context,
  { mount, id }: Pick<Row, "mount" | "id">,
  revoke: Revoke = true,
): Promise<readonly string[]> {
  const name = credentialName(id);
  const key = { mount, kind: "creds", name } as const;
  const warnings = await deleteCredential(context, key, (found) => openCredential(context, found), revoke);
  await forget(context, mount, name);
  await context.store.remove(id);
  tellEnd(context, nameOfChange(mount, name));
  context.metrics.session("ended");
  context.log.info("session_ended", { mount, id });
  return warnings;
}
