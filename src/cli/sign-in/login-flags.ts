import { hostname } from "node:os";
import { usage } from "../frame/fail.ts";
import { secondsOf } from "../frame/seconds.ts";
import type { KeptSession } from "../kept/sessions-file.ts";
import type { ServerFlags } from "./server-flags.ts";

/** The options of `login`, as typed. */
export interface LoginFlags extends ServerFlags {
  readonly name?: string;
  readonly scopes?: string;
  readonly label?: string;
  /** `--no-account`: false. */
  readonly account?: string | false;
  readonly web?: boolean;
  readonly device?: boolean;
  readonly paste?: boolean;
  readonly resume?: string | true;
  readonly wait: boolean;
  readonly timeout?: string;
  readonly open?: boolean;
  readonly clipboard?: boolean;
  /** `--no-qr`: false. */
  readonly qr: string | boolean;
  readonly browser: boolean;
  readonly force?: boolean;
  readonly printSession?: boolean;
  readonly tokenFile?: string;
}

/** What a login is to be: as asked for now, else as it was the last time. */
export interface LoginPlan {
  readonly name: string;
  readonly server: string;
  readonly scopes: readonly string[];
  readonly flow?: "page";
  readonly label: string;
  /** The account that it must be of. */
  readonly expected?: string;
}

export function planLogin(server: string, flags: LoginFlags, before: KeptSession | undefined): LoginPlan {
  const name = flags.name ?? server;
  const same = before?.server === server ? before : undefined;
  const scopes = flags.scopes === undefined ? (same?.scopes ?? []) : splitScopes(flags.scopes);
  const flow = flags.web || (!flags.device && same?.flow === "page") ? { flow: "page" as const } : {};
  const expected = flags.account ?? (same && sameScopes(same.scopes, scopes) ? same.subject : undefined);
  return {
    name,
    server,
    scopes,
    ...flow,
    ...(expected && { expected }),
    label: flags.label ?? same?.label ?? `${name || "coatcheck"} on ${hostname()}`.slice(0, 100),
  };
}

function splitScopes(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((scope) => scope !== "");
}

export function qrForm({ qr }: LoginFlags): "blocks" | "ascii" | "none" {
  if (qr === false) return "none";
  if (qr === true || qr === "blocks") return "blocks";
  if (qr === "ascii") return "ascii";
  throw usage(`unknown form --qr "${qr}": give blocks or ascii, or --no-qr`);
}

/** The platform's timers count 31 bits of milliseconds. Seconds. */
const LONGEST_TIMEOUT_S = 2_147_483;

/** Seconds. */
export function timeLimit({ timeout }: LoginFlags): number | undefined {
  return secondsOf("--timeout", timeout, { most: LONGEST_TIMEOUT_S });
}

/** Whether a login that is kept is the one that is asked for. */
export function isSame(kept: KeptSession, plan: LoginPlan, broker: string): boolean {
  const { subject, account, expected } = kept;
  const isOfAccount = [undefined, subject, account, expected].includes(plan.expected);
  const isThere = kept.broker === broker && kept.server === plan.server;
  return isThere && isOfAccount && sameScopes(kept.scopes, plan.scopes);
}

function sameScopes(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join(" ") === [...other].sort().join(" ");
}
