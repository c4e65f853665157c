import { credentialName } from "../../session/index.ts";
import type { Row } from "../../store/port.ts";
import { deleteCredential, type Revoke } from "../credential/delete-credential.ts";
import type { Context } from "../process/context.ts";

/**
 * Ends a session: its credential first, which becomes a revocation in one write; so a crash in between leaves a session
 * without a credential, which is none, and never a grant without a session. Answers the warnings of the revocation.
 */
export async function endSessionRow(
  context: Context,
  { mount, id }: Pick<Row, "mount" | "id">,
  revoke: Revoke = true,
): Promise<readonly string[]> {
  const warnings = await deleteCredential(context, mount, credentialName(id), revoke);
  await context.store.remove({ id });
  context.metrics.session("ended");
  context.log.info("session_ended", { mount, id });
  return warnings;
}
