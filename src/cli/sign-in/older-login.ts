import type { SessionData } from "../../client/index.ts";
import { tellAgent } from "../agent/ask-agent.ts";
import { leftLogin } from "../connect/held-session.ts";
import { CliError, EXIT } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { dropPending, type KeptSession, readSessions } from "../kept/sessions-file.ts";
import { endSession } from "./end-session.ts";

/**
 * FC-08: a login that cannot be refreshed never takes the place of one that can, of the same account with the same server: that one
 * stays, and the new one is ended. Its grant is left alone, since some providers revoke all of an account's at once. Throws `CliError`.
 */
export async function requireAsGood(out: Output, name: string, kept: KeptSession, state: SessionData): Promise<void> {
  const older = readSessions()[name];
  if (state.refreshable !== false || !older || older.id === kept.id || older.pending) return;
  const isSame = older.broker === kept.broker && older.server === kept.server;
  if (!isSame || older.subject === undefined || older.subject !== state.account?.subject) return;
  const { status, refreshable } = await leftLogin(out, older);
  if (status !== "active" || !refreshable) return;
  dropPending(name, kept);
  await tellAgent({ request: "forget", name });
  await endSession(kept, false);
  const message = `the provider gave no refresh token for this login, so the older login "${name}", which is refreshed automatically, was kept: sign out of it first if you want the new one`;
  throw new CliError("not_refreshable", message, { exit: EXIT.failure, next: ["coatcheck", "logout", name] });
}
