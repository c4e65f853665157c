import type { SessionData } from "../../client/index.ts";
import { type Output, shellWords } from "../frame/output.ts";
import { spanText, whenText } from "../terminal/duration.ts";
import { attemptLines } from "./attempts.ts";
import type { Attempt, CredentialInfo, CredentialState } from "./credentials.ts";

/** Whether a program that reads it gets a token, as far as is known. */
export function isGood({ status, reason }: CredentialInfo): boolean {
  return status === "issued" && reason === undefined;
}

export function accountText({ account }: Pick<Partial<CredentialInfo>, "account">): string {
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

/** What is known of a login or of a credential: both say it in the same words (docs/api.md). */
type Explained = Partial<Omit<SessionData, keyof CredentialState> & Omit<CredentialState, "status">> & {
  readonly status?: string;
};

/** For `why`: state, dates, what happens next, the life so far, and last what is to be done, if anything. */
export function explain(
  name: string,
  state: Explained,
  { attempts = [], cure }: { readonly attempts?: readonly Attempt[] | undefined; readonly cure?: string | undefined },
): readonly string[] {
  const { status, reason, error_description: words, provider_error: theirs, verification_warning: doubt } = state;
  return [
    `${name}: ${status}${reason === undefined ? "" : ` (${reason})`}`,
    ...[
      ...(words === undefined ? [] : [words]),
      ...(theirs === undefined ? [] : [`the provider answered ${theirs}`]),
      ...table(factsOf(state)),
      ...[...(doubt === undefined ? [] : [doubt]), ...(state.warnings ?? [])].map((text) => `warning: ${text}`),
      ...(attempts.length === 0 ? [] : ["what has happened, oldest first:"]),
      ...attemptLines(attempts).map((line) => `  ${line}`),
      ...(cure === undefined ? [] : [cure]),
    ].map((line) => `  ${line}`),
  ];
}

type Fact = readonly [label: string, value: string | undefined];

/** Those that have a value, with all values below each other. */
function table(facts: readonly Fact[]): readonly string[] {
  const filled = facts.filter(([, value]) => value);
  const width = Math.max(...filled.map(([label]) => label.length));
  return filled.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
}

function factsOf(state: Explained): readonly Fact[] {
  const { next_task: task, expires_in } = state;
  const expiry = dateText(state.expire_time) ?? (expires_in === undefined ? undefined : `in ${spanText(expires_in)}`);
  return [
    ["server", state.server],
    ["account", accountText(state)],
    ["scopes", (state.granted_scopes ?? state.scopes)?.join(", ")],
    ["code", state.user_code],
    ["open", state.verification_uri ?? state.url],
    ["both in one", state.verification_uri_complete],
    ["login started", dateText(state.created_time)],
    ["token issued", dateText(state.issue_time)],
    [state.status === "pending" ? "login expires" : "token expires", expiry],
    ["refresh token expires", dateText(state.refresh_expire_time)],
    ["ends if not used", dateText(state.idle_expire_time)],
    ["ends at the latest", dateText(state.session_expire_time)],
    ...(task === undefined ? [] : [[`next, it ${TASKS[task] ?? task}`, dateText(state.next_time)] as const]),
  ];
}

function dateText(time: string | undefined): string | undefined {
  return time && `${time} (${whenText(time)})`;
}

/** What the operator does, who alone sees credentials. */
export function credentialCure(path: string, { status, fixed_by, server }: CredentialState): string | undefined {
  const mount = path.slice(0, path.indexOf("/creds/"));
  if (fixed_by === "operator")
    return `to fix it: set the server right: ${shellWords(["coatcheck", "read", `${mount}/servers/${server}`])}`;
  if (status !== "failed") return undefined;
  const retry = shellWords(["coatcheck", "write", `${path}/retry`]);
  return `to fix it: let a person sign in again, or try the old grant once more: ${retry}`;
}
