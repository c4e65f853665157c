import type { Answer, Operator } from "../../client/index.ts";
import { CliError } from "../frame/fail.ts";

/** What lists and histories of the broker tell of a credential (docs/api.md). */
export interface CredentialInfo {
  readonly status: "pending" | "issued" | "failed";
  readonly server: string;
  readonly reason?: string;
  /** Beside a reason; absent from brokers of earlier versions. */
  readonly fixed_by?: "person" | "operator" | "time";
  readonly expire_time?: string;
  readonly account?: { readonly subject: string; readonly name?: string };
}

export interface Attempt {
  readonly time: string;
  readonly last_time?: string;
  readonly count?: number;
  readonly kind: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly instance: string;
}

export interface CredentialState extends CredentialInfo {
  readonly error_description?: string;
  readonly provider_error?: string;
  readonly issue_time?: string;
  readonly scopes?: readonly string[];
  readonly refreshable?: boolean;
  readonly refresh_expire_time?: string;
  readonly user_code?: string;
  readonly verification_uri?: string;
  readonly verification_uri_complete?: string;
  readonly url?: string;
  readonly next_task?: string;
  readonly next_time?: string;
}

export interface CredentialHistory {
  readonly credential: CredentialState;
  readonly attempts: readonly Attempt[];
}

/** The path of a credential, as operators write it; undefined for the name of a login. */
export function credentialPath(typed: string | undefined): string | undefined {
  const path = typed?.replace(/^\/+|\/+$/g, "");
  return path !== undefined && /^.+\/creds\/./.test(path) ? path : undefined;
}

/** What it is now, with every attempt; nothing is refreshed for it. */
export async function readHistory(operator: Operator, path: string): Promise<CredentialHistory> {
  const answer = await operator.read(`${path}/history`);
  if (!answer?.data) throw new CliError("not_found", `there is no credential ${path}`);
  if (!isHistory(answer.data))
    throw new CliError("unexpected_answer", "this broker is of a version that tells no history");
  return answer.data;
}

/** What an older broker answers has attempts alone. */
function isHistory(data: object): data is CredentialHistory {
  return (
    "credential" in data && data.credential instanceof Object && "attempts" in data && Array.isArray(data.attempts)
  );
}

export interface CredentialQuery {
  readonly status?: string | undefined;
  readonly server?: string | undefined;
}

export interface ListedCredential extends Partial<CredentialInfo> {
  readonly name: string;
}

export interface CredentialPage {
  readonly credentials: readonly ListedCredential[];
  /** The `after` of the next page. */
  readonly next?: string;
}

/** Of one answer: the broker's most. */
const LARGEST_PAGE = 1_000;

/**
 * Credentials below a prefix, in pages of at most `limit`. A filter's answer may have few or none while more are to come: it is
 * asked on until a page is full, or all have been looked at.
 */
export async function* credentialPages(
  operator: Operator,
  prefix: string,
  { after = "", limit, ...filter }: CredentialQuery & { readonly after?: string | undefined; readonly limit: number },
): AsyncGenerator<CredentialPage, void> {
  let found: ListedCredential[] = [];
  for (let cursor: string | undefined = after; cursor !== undefined; ) {
    const query = { ...filter, after: cursor, limit: Math.min(limit - found.length, LARGEST_PAGE) };
    const answer = await operator.list(`oauth2/creds/${prefix}`, query);
    const { keys, next } = listOf(answer, prefix);
    found.push(...keys);
    // Who says the same again would be asked for ever.
    cursor = next === cursor ? undefined : next;
    if (found.length < limit && cursor !== undefined) continue;
    yield { credentials: found, ...(next !== undefined && { next }) };
    found = [];
  }
}

function listOf(answer: Answer | undefined, prefix: string) {
  const data = (answer?.data ?? {}) as {
    readonly keys?: readonly string[];
    readonly key_info?: Readonly<Record<string, CredentialInfo>>;
    readonly next?: string;
  };
  const { keys = [], key_info: info = {}, next } = data;
  return { keys: keys.map((key) => ({ name: prefix + key, ...(Object.hasOwn(info, key) && info[key]) })), next };
}
