import type { Command } from "commander";
import { CoatcheckError, type SessionData } from "../client/index.ts";
import { systemClock } from "../clock.ts";
import { type Held, heldSession } from "./broker/held-session.ts";
import { define, run } from "./command.ts";
import { EXIT, refused } from "./fail.ts";
import { readSessions } from "./files/sessions-file.ts";
import { accountOf } from "./login/wait-for-person.ts";
import { type Output, shellWords } from "./output.ts";
import { fromNow } from "./terminal/duration.ts";

export function statusCommand(): Command {
  return define("status", "Say how logins are, asking the broker; exit code 4 if one needs a person.", [
    ["coatcheck status", "all of them"],
    ["coatcheck status github", ""],
  ])
    .argument("[name]", "login, or server")
    .action(
      run(async (out, [name], { addr }) => {
        const kept = Object.keys(readSessions());
        const names = name !== undefined || kept.length === 0 ? [name] : kept;
        for (const one of names) {
          const held = await heldSession(out, one, addr);
          const { line, object, isGood } = await statusOf(out, held);
          out.result(line, object);
          if (!isGood) process.exitCode = EXIT.login;
        }
      }),
    );
}

async function statusOf(out: Output, { name, session, login }: Held) {
  try {
    const state = await session.status();
    const isGood = state.status === "active" && state.reason === undefined;
    const next = isGood || state.status === "pending" ? {} : { next: login };
    return { line: lineOf(out, name, state, login), object: { name, ...state, ...next }, isGood };
  } catch (error) {
    if (!(error instanceof CoatcheckError) || error.fixedBy !== "person") {
      throw error instanceof CoatcheckError ? refused(error) : error;
    }
    const object = { name, status: "ended", reason: error.code, next: login };
    return { line: `${name}: ended (${error.code}); run: ${shellWords(login)}`, object, isGood: false };
  }
}

function lineOf(out: Output, name: string, state: SessionData, login: readonly string[]): string {
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
      return `${name}: waits for approval; run: coatcheck login --resume ${name}`;
    default:
      return `${name}: ${state.status} (${state.reason ?? state.status}); run: ${shellWords(login)}`;
  }
}

function lifeOf({ expire_time, refreshable }: SessionData): string {
  const expiry =
    expire_time === undefined ? "" : `token expires ${fromNow(Date.parse(expire_time), systemClock.wall())}`;
  if (refreshable) return expiry === "" ? "refreshed automatically" : `${expiry}, refreshed automatically`;
  return expiry === "" ? "does not expire" : expiry;
}

/** MSC4191: the one page that leads to all others; these are in `--json`. Serialised again, so that nothing odd is printed. */
function accountPage({ extra_data }: SessionData): string {
  const page = extra_data?.account_management_uri;
  return typeof page === "string" && URL.canParse(page) ? `; account page ${new URL(page).href}` : "";
}
