import type { Command } from "commander";
import { CoatcheckError, type SessionData } from "../../client/index.ts";
import { GIVEN_UNKNOWN, type HeldSession, heldSession, resumeWords } from "../connect/held-session.ts";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../connect/operator.ts";
import { define, run } from "../frame/command.ts";
import { failureOf } from "../frame/fail.ts";
import { type Output, shellWords } from "../frame/output.ts";
import { attemptLines } from "../operate/attempts.ts";
import { type Attempt, credentialPath, readHistory } from "../operate/credentials.ts";
import { explainCredential, prompt } from "../operate/explain.ts";
import { spanText, whenText } from "../terminal/duration.ts";

export function whyCommand(): Command {
  return define("why", "Explain the state of a login or credential and what will happen to it, and when.", [
    ["coatcheck why github", ""],
    ["coatcheck why github --token-file FILE", "for operators: with every attempt in its history"],
    ["coatcheck why oauth2/creds/deploy-bot", "for operators: the same of a credential"],
  ])
    .argument("[name]", "login or server; or a credential by its path (for operators)")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [name], flags) => {
        const path = credentialPath(name);
        if (path !== undefined) return whyCredential(out, path, flags);
        const held = await heldSession(out, name, flags.addr);
        const state = await stateOf(held);
        const attempts = await attemptsOf(held, state, flags);
        out.result(explain(held, state, attempts), { name: held.name, ...state, ...(attempts && { attempts }) });
      }),
    );
}

/** What a read would refresh is left as it is. */
async function whyCredential(out: Output, path: string, flags: OperatorFlags): Promise<void> {
  const history = await readHistory(await operatorOf(flags), path);
  out.result(explainCredential(path, history), { path, ...history.credential, attempts: history.attempts });
}

/** A session that the broker does not know any more has a state of its own. */
async function stateOf({ session, kept, login }: HeldSession): Promise<Partial<SessionData>> {
  try {
    return await session.status();
  } catch (error) {
    if (error instanceof CoatcheckError && error.code === "invalid_session") {
      return {
        status: "failed",
        reason: error.code,
        error_description: kept ? "the broker has ended this session or never knew it" : GIVEN_UNKNOWN,
      };
    }
    throw failureOf(error, login);
  }
}

/** Operators see a credential's life; for a person's own broker that is the same person. */
async function attemptsOf(
  held: HeldSession,
  { id }: Partial<SessionData>,
  flags: OperatorFlags,
): Promise<readonly Attempt[] | undefined> {
  if (id === undefined) return undefined;
  try {
    const addr = flags.addr ?? held.kept?.broker;
    const operator = await operatorOf({ ...flags, ...(addr !== undefined && { addr }) });
    const listed = await operator.sessions.list({ limit: 1_000, server: held.kept?.server });
    const credential = listed.sessions.find((one) => one.id === id)?.credential;
    return credential === undefined ? undefined : (await readHistory(operator, `oauth2/creds/${credential}`)).attempts;
  } catch {
    // Not an operator: the state alone has to do.
    return undefined;
  }
}

function explain(
  { name, kept, login }: HeldSession,
  state: Partial<SessionData>,
  attempts: readonly Attempt[] | undefined,
): readonly string[] {
  const lines = [`${name}: ${state.status}${state.reason === undefined ? "" : ` (${state.reason})`}`];
  if (state.error_description !== undefined) lines.push(`  ${state.error_description}`);
  if (state.provider_error !== undefined) lines.push(`  the provider answered ${state.provider_error}`);
  const { status, expires_in = 0, verification_warning: doubt } = state;
  const asked =
    status === "pending" ? [...prompt(state), ["login expires", `in ${spanText(expires_in)}`] as const] : [];
  for (const [what, value] of asked) if (value) lines.push(`  ${what.padEnd(24)}${value}`);
  if (doubt !== undefined) lines.push(`  warning: ${doubt}`);
  for (const [what, time] of Object.entries(datesOf(state))) {
    lines.push(`  ${what.padEnd(24)}${time} (${whenText(time)})`);
  }
  for (const warning of state.warnings ?? []) lines.push(`  warning: ${warning}`);
  for (const line of attemptLines(attempts ?? [])) lines.push(`  ${line}`);
  if (status === "pending" && kept) lines.push(`  to wait for it: ${shellWords(resumeWords(name))}`);
  if (status !== "active" && status !== "pending" && (kept || state.reason !== "invalid_session"))
    lines.push(`  to fix it: ${shellWords(login)}`);
  return lines;
}

function datesOf(state: Partial<SessionData>): Record<string, string> {
  const { created_time, expire_time, refresh_expire_time, idle_expire_time, session_expire_time } = state;
  return {
    ...(created_time !== undefined && { "login started": created_time }),
    ...(expire_time !== undefined && { "token expires": expire_time }),
    ...(refresh_expire_time !== undefined && { "refresh token expires": refresh_expire_time }),
    ...(idle_expire_time !== undefined && { "ends if not used": idle_expire_time }),
    ...(session_expire_time !== undefined && { "ends at the latest": session_expire_time }),
  };
}
