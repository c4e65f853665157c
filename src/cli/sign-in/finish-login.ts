import { homedir } from "node:os";
import type { SessionData } from "../../client/index.ts";
import { tellAgent } from "../agent/ask-agent.ts";
import type { KeptLogin } from "../connect/find-login.ts";
import { accountOf, approvedLogin } from "../connect/held-session.ts";
import type { Output } from "../frame/output.ts";
import { keyringTrouble } from "../kept/session-secrets.ts";
import { isKeptInKeyring, keepFinished, sessionsPath } from "../kept/sessions-file.ts";
import { whenText } from "../terminal/duration.ts";
import { endReplaced } from "./end-session.ts";
import { requireAsGood } from "./older-login.ts";

/** Keeps a login that is approved, ends the one that it replaces, and says who signed in; `before`: they had already. */
export async function finishLogin(
  out: Output,
  { name, kept }: KeptLogin,
  state: SessionData,
  before: boolean,
): Promise<void> {
  await keepApproved(out, { name, kept }, state);
  const account = accountOf(state);
  const scopes = state.granted_scopes ?? state.scopes;
  out.event({
    event: "complete",
    session: kept.id,
    name,
    server: state.server,
    ...(account !== undefined && { account }),
    scopes,
    ...(state.expire_time !== undefined && { expire_time: state.expire_time }),
  });
  const parts = [
    `${before ? "already signed in" : "signed in"}${account === undefined ? "" : ` as ${account}`}`,
    ...(scopes.length > 0 ? [`scopes ${scopes.join(", ")}`] : []),
    lifeOf(state),
    `session in ${isKeptInKeyring(name) ? "the keyring" : sessionsPath().replace(homedir(), "~")}`,
  ];
  out.note(`${out.style("green", "✓")} ${parts.join("; ")}`);
  const trouble = keyringTrouble();
  if (trouble !== undefined) out.warn(`the session is in the file and not in the keyring: ${trouble}`);
  for (const warning of state.warnings ?? []) out.warn(warning);
}

/** Keeps a login that is approved alone under its name. Throws `CliError` where the older one is better, which then stays. */
export async function keepApproved(out: Output, { name, kept }: KeptLogin, state: SessionData): Promise<void> {
  await requireAsGood(out, name, kept, state);
  const { account, subject } = { account: accountOf(state), subject: state.account?.subject };
  const finished = approvedLogin(kept, { ...(account && { account }), ...(subject && { subject }) });
  const replaced = keepFinished(name, finished);
  if (!replaced) return;
  await tellAgent({ request: "forget", name });
  if (await endReplaced(replaced, finished)) return;
  out.warn("the login that this one replaces could not be ended at its broker: it will end there when it expires");
}

function lifeOf({ refreshable, expire_time }: SessionData): string {
  if (refreshable) return "refreshed automatically";
  return expire_time === undefined ? "does not expire" : `expires ${whenText(expire_time)}`;
}
