import { type Output, shellWords } from "../frame/output.ts";
import { spanText, whenText } from "../terminal/duration.ts";
import { attemptLines } from "./attempts.ts";
import type { CredentialHistory, CredentialInfo, CredentialState } from "./credentials.ts";

/** Whether a program that reads it gets a token, as far as is known. */
export function isGood({ status, reason }: CredentialInfo): boolean {
  return status === "issued" && reason === undefined;
}

export function accountText({ account }: Partial<CredentialInfo>): string {
  return account?.name ?? account?.subject ?? "";
}

/** One line for `status`. */
export function statusLine(out: Output, path: string, state: CredentialState): string {
  const who = accountText(state);
  const head = `${path}: ${state.status} at ${state.server}${who === "" ? "" : ` as ${who}`}`;
  if (state.status === "pending") return `${head}; ${pendingText(state)}${troubleText(out, state)}`;
  if (state.status === "failed") return `${head}${troubleText(out, state)}`;
  const { scopes = [] } = state;
  const what = scopes.length === 0 ? "" : `; scopes ${scopes.join(", ")}`;
  return `${head}${what}; ${lifeText(state)}${troubleText(out, state)}`;
}

/** As credentials and sessions tell it. */
interface PromptState
  extends Pick<
    CredentialState,
    "user_code" | "verification_uri" | "verification_uri_complete" | "url" | "expire_time"
  > {
  /** Seconds. */
  readonly expires_in?: number;
  readonly verification_warning?: string;
}

/** What a person needs who is to finish the login: address and code are there in any case, beside an address that has both. */
export function pendingText({
  user_code,
  verification_uri,
  verification_uri_complete,
  verification_warning,
  url,
  expire_time,
  expires_in,
}: PromptState): string {
  const where = url ?? verification_uri;
  const parts = [
    where === undefined ? "waiting for approval" : `waiting for approval at ${where}`,
    ...(user_code === undefined ? [] : [`code ${user_code}`]),
    ...(verification_uri_complete === undefined ? [] : [`both in one: ${verification_uri_complete}`]),
    ...(expire_time === undefined ? [] : [`expires ${whenText(expire_time)}`]),
    ...(expires_in === undefined ? [] : [`expires in ${spanText(expires_in)}`]),
    ...(verification_warning === undefined ? [] : [`warning: ${verification_warning}`]),
  ];
  return parts.join("; ");
}

function lifeText({ expire_time, refreshable, reason }: CredentialState): string {
  const when = expire_time === undefined ? undefined : whenText(expire_time);
  const expiry =
    when === undefined ? "token does not expire" : `token ${when.endsWith("ago") ? "expired" : "expires"} ${when}`;
  return refreshable && reason === undefined ? `${expiry}, refreshed automatically` : expiry;
}

function troubleText(out: Output, { reason, error_description }: CredentialState): string {
  if (reason === undefined) return "";
  const words = error_description === undefined ? "" : `, ${error_description}`;
  return `; ${out.resultStyle("yellow", "trouble:")} ${reason}${words}`;
}

const TASKS: Readonly<Record<string, string>> = {
  poll: "looks for approval",
  refresh: "refreshes",
  redeem: "uses the code",
  expire: "ends the login",
  reap: "removes it",
  revoke: "revokes it",
};

/** For `why`: state, dates, what happens next, and the life so far. */
export function explainCredential(path: string, { credential, attempts }: CredentialHistory): readonly string[] {
  const { status, server, reason, error_description, provider_error } = credential;
  const who = accountText(credential);
  const lines = [
    `${path}: ${status}${reason === undefined ? "" : ` (${reason})`}`,
    ...(error_description === undefined ? [] : [`  ${error_description}`]),
    ...(provider_error === undefined ? [] : [`  the provider answered ${provider_error}`]),
    ...table([
      ["server", server],
      ["account", who],
      ["scopes", credential.scopes?.join(", ")],
      ...prompt(credential),
      ...dates(credential),
      next(credential),
    ]),
    ...(attempts.length === 0 ? [] : ["  what has happened, oldest first:"]),
    ...attemptLines(attempts).map((line) => `    ${line}`),
  ];
  const fix = cure(path, credential);
  return fix === undefined ? lines : [...lines, `  ${fix}`];
}

type Line = readonly [label: string, value: string | undefined];

/** Those that have a value, with all values below each other. */
function table(lines: readonly Line[]): readonly string[] {
  const filled = lines.filter(([, value]) => value);
  const width = Math.max(...filled.map(([label]) => label.length));
  return filled.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
}

/** The same, one below the other. */
export function prompt({ user_code, verification_uri, verification_uri_complete, url }: PromptState): readonly Line[] {
  return [
    ["code", user_code],
    ["open", verification_uri ?? url],
    ["both in one", verification_uri_complete],
  ];
}

function dates({ status, issue_time, expire_time, refresh_expire_time }: CredentialState): readonly Line[] {
  return [
    ["token issued", dateText(issue_time)],
    [status === "pending" ? "login expires" : "token expires", dateText(expire_time)],
    ["refresh token expires", dateText(refresh_expire_time)],
  ];
}

function next({ next_task = "", next_time }: CredentialState): Line {
  return [`next, it ${TASKS[next_task] ?? next_task}`, next_task === "" ? undefined : dateText(next_time)];
}

function dateText(time: string | undefined): string | undefined {
  return time && `${time} (${whenText(time)})`;
}

/** Reasons that an operator mends at the server's record (docs/errors.md). */
const AT_THE_SERVER: ReadonlySet<string> = new Set([
  "invalid_client",
  "unauthorized_client",
  "invalid_request",
  "invalid_scope",
  "unsupported_grant_type",
  "server_missing",
  "server_misconfigured",
]);

function cure(path: string, { status, reason = "", server }: CredentialState): string | undefined {
  const mount = path.slice(0, path.indexOf("/creds/"));
  if (AT_THE_SERVER.has(reason)) return `to fix it: set the server right: ${read(`${mount}/servers/${server}`)}`;
  if (status !== "failed") return undefined;
  const retry = shellWords(["coatcheck", "write", `${path}/retry`]);
  return `to fix it: let a person sign in again, or try the old grant once more: ${retry}`;
}

function read(path: string): string {
  return shellWords(["coatcheck", "read", path]);
}
