import type { Command } from "commander";
import { CoatcheckError, type SessionData } from "../../client/index.ts";
import { systemClock } from "../../process/clock.ts";
import { loginsAt, namedBroker } from "../connect/find-login.ts";
import {
  accountOf,
  GIVEN_UNKNOWN,
  type HeldSession,
  heldSession,
  type LeftLogin,
  leftLogin,
  leftText,
  resumeWords,
} from "../connect/held-session.ts";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../connect/operator.ts";
import { define, run } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { EXIT, failureOf } from "../frame/fail.ts";
import { type Output, shellWords } from "../frame/output.ts";
import { readSessions } from "../kept/sessions-file.ts";
import { credentialPath, readHistory } from "../operate/credentials.ts";
import { isGood, pendingText, statusLine } from "../operate/explain.ts";
import { whenText } from "../terminal/duration.ts";

export function statusCommand(): Command {
  return define(
    "status",
    "Ask the broker for the status of the logins, or of a credential. The exit code is 4 unless all of them are valid.",
    [
      ["coatcheck status", "all logins"],
      ["coatcheck status github", ""],
      ["coatcheck status oauth2/creds/deploy-bot", "for operators: a credential"],
    ],
  )
    .argument("[name]", "login or server; or a credential by its path (for operators)")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [name], flags) => {
        const path = credentialPath(name);
        if (path !== undefined) return credentialStatus(out, path, flags);
        const { addr } = flags;
        const all = namesOf(name, addr).map((one) => loginStatus(out, one, addr));
        for (const { line, object, isGood, warnings = [] } of await Promise.all(all)) {
          out.result(line, object);
          for (const warning of warnings) out.warn(warning);
          if (!isGood) process.exitCode = EXIT.login;
        }
      }),
    );
}

async function credentialStatus(out: Output, path: string, flags: OperatorFlags): Promise<void> {
  const { credential } = await readHistory(await operatorOf(flags), path);
  out.result(statusLine(out, path, credential), { path, ...credential });
  if (!isGood(credential)) process.exitCode = EXIT.login;
}

/** COATCHECK_SESSION goes before what is kept, here as everywhere. */
function namesOf(name: string | undefined, addr: string | undefined): readonly (string | undefined)[] {
  if (name !== undefined || environment().COATCHECK_SESSION) return [name];
  const kept = Object.keys(loginsAt(readSessions(), namedBroker(addr)));
  return kept.length === 0 ? [undefined] : kept;
}

interface LoginStatus {
  readonly line: string;
  readonly object: object;
  readonly isGood: boolean;
  readonly warnings?: readonly string[] | undefined;
}

/** A broker that does not answer is a line among the others: whether that login is good is not known. */
async function loginStatus(out: Output, asked: string | undefined, addr: string | undefined): Promise<LoginStatus> {
  let name = asked ?? "COATCHECK_SESSION";
  try {
    const held = await heldSession(out, asked, addr);
    name = held.name;
    const seen = await statusOf(out, held);
    return held.kept?.next ? withWaiting(seen, name, await leftLogin(out, held.kept.next)) : seen;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.exit !== EXIT.broker) throw error;
    const { code, message } = failure;
    const next = ["coatcheck", "doctor"];
    return {
      line: `${name}: unknown (${code}): ${message}; run: ${shellWords(next)}`,
      object: { name, status: "unknown", reason: code, error_description: message, next },
      isGood: false,
    };
  }
}

/** A second login waits beside this one, to take its place. */
function withWaiting({ line, object, ...rest }: LoginStatus, name: string, left: LeftLogin): LoginStatus {
  const resume = resumeWords(name);
  return {
    line: `${line}; another login: ${leftText(left)}; run: ${shellWords(resume)}`,
    object: { ...object, waiting: { status: left.status, next: resume } },
    ...rest,
  };
}

async function statusOf(out: Output, held: HeldSession): Promise<LoginStatus> {
  const { name, session, login } = held;
  try {
    const state = await session.status();
    const isGood = state.status === "active" && state.reason === undefined;
    const next = isGood || state.status === "pending" ? {} : { next: login };
    const { warnings } = state;
    return {
      line: lineOf(out, held, state),
      object: { name, ...state, ...next },
      isGood,
      ...(warnings && { warnings }),
    };
  } catch (error) {
    if (!(error instanceof CoatcheckError) || error.fixedBy !== "person") throw error;
    if (!held.kept) {
      const object = { name, status: "ended", reason: error.code, error_description: GIVEN_UNKNOWN };
      return { line: `${name}: ended (${error.code}): ${GIVEN_UNKNOWN}`, object, isGood: false };
    }
    const object = { name, status: "ended", reason: error.code, next: login };
    return { line: `${name}: ended (${error.code}); run: ${shellWords(login)}`, object, isGood: false };
  }
}

function lineOf(out: Output, { name, kept, login }: HeldSession, state: SessionData): string {
  const account = accountOf(state);
  const scopes = state.granted_scopes ?? state.scopes;
  switch (state.status) {
    case "active": {
      const who = account === undefined ? "" : ` as ${account}`;
      const what = scopes.length === 0 ? "" : `; scopes ${scopes.join(", ")}`;
      const trouble =
        state.reason === undefined
          ? ""
          : `; ${out.resultStyle("yellow", "trouble:")} ${state.reason}, ${state.error_description ?? ""}`;
      return `${name}: signed in at ${state.server}${who}${what}; ${lifeOf(state)}${accountPage(state)}${trouble}`;
    }
    case "pending":
      // One that came by COATCHECK_SESSION has no name here to resume it by.
      return `${name}: ${pendingText(state)}${kept ? `; run: ${shellWords(resumeWords(name))}` : ""}`;
    default:
      return `${name}: ${state.status} (${state.reason ?? state.status})${wordsOf(state)}; run: ${shellWords(login)}`;
  }
}

function wordsOf({ error_description: text }: SessionData): string {
  return text === undefined ? "" : `: ${text}`;
}

function lifeOf({ expire_time, refreshable, reason }: SessionData): string {
  const expiry = expire_time === undefined ? "" : expiryText(expire_time);
  // Where the last refresh failed nobody promises the next one.
  if (refreshable && reason === undefined)
    return expiry === "" ? "refreshed automatically" : `${expiry}, refreshed automatically`;
  if (expire_time === undefined) return "does not expire";
  const left = Date.parse(expire_time) - systemClock.wall();
  return !refreshable && left > 0 && left <= LAST_MS ? `${expiry} and nothing renews it: sign in again` : expiry;
}

/** MCP-T5: before the end of a token that nothing renews. Milliseconds. */
const LAST_MS = 300_000;

function expiryText(time: string): string {
  const when = whenText(time);
  return `token ${when.endsWith("ago") ? "expired" : "expires"} ${when}`;
}

/** MSC4191: the one page that leads to all others; these are in `--json`. Serialised again, so that nothing odd is printed. */
function accountPage({ extra_data }: SessionData): string {
  const page = extra_data?.account_management_uri;
  return typeof page === "string" && URL.canParse(page) ? `; account page ${new URL(page).href}` : "";
}
