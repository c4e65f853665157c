import type { Command } from "commander";
import { CoatcheckError, type SessionData } from "../../client/index.ts";
import { GIVEN_UNKNOWN, type HeldSession, heldSession, resumeWords } from "../connect/held-session.ts";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../connect/operator.ts";
import { define, run } from "../frame/command.ts";
import { failureOf } from "../frame/fail.ts";
import { type Output, shellWords } from "../frame/output.ts";
import { type Attempt, credentialPath, readHistory } from "../operate/credentials.ts";
import { credentialCure, explain } from "../operate/explain.ts";

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
        const lines = explain(held.name, state, { attempts, cure: loginCure(held, state) });
        out.result(lines, { name: held.name, ...state, ...(attempts && { attempts }) });
      }),
    );
}

/** What a read would refresh is left as it is. */
async function whyCredential(out: Output, path: string, flags: OperatorFlags): Promise<void> {
  const { credential, attempts } = await readHistory(await operatorOf(flags), path);
  const lines = explain(path, credential, { attempts, cure: credentialCure(path, credential) });
  out.result(lines, { path, ...credential, attempts });
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

function loginCure({ name, kept, login }: HeldSession, { status, reason }: Partial<SessionData>): string | undefined {
  if (status === "pending") return kept && `to wait for it: ${shellWords(resumeWords(name))}`;
  if (status === "active" || (!kept && reason === "invalid_session")) return undefined;
  return `to fix it: ${shellWords(login)}`;
}
