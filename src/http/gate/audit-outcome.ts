import type { Rendering } from "../../audit/audit.ts";
import type { AuditResponse } from "../../audit/lines.ts";
import { parsed } from "../../audit/resume.ts";
import { REFRESH_TOKEN_HANDLE } from "../../broker/access.ts";
import { MOST_VALUES } from "./audit-request.ts";

interface Outcome {
  readonly status: number;
  readonly payload: unknown;
  /** In Vault's envelope; else flat. */
  readonly isVault: boolean;
  /** Of what somebody has wrapped, whose names and numbers may be secrets. */
  readonly isAnything: boolean;
}

/** Of who holds a token, what is no secret. */
const CLEAR: ReadonlySet<string> = new Set([
  ...["policies", "token_policies", "identity_policies", "entity_id", "token_type", "display_name"],
]);

/** Of what is wrapped, where it was asked for. */
const PATHS: ReadonlySet<string> = new Set(["creation_path"]);

/** Longer answers are told by their length. Bytes. */
const LONGEST = 262_144;

/** What an answer says, hashed; of pages and streams its status. */
export function outcomeOf(device: Rendering, { status, payload, isVault, isAnything }: Outcome): AuditResponse {
  if (!Buffer.isBuffer(payload)) return { status };
  if (payload.length > LONGEST) return { status, data: { elided_bytes: payload.length } };
  const body = parsed(payload.toString("utf8"));
  if (!body) return { status };
  const { data, auth, errors, wrap_info, error, error_description, ...flat } = body;
  const told = isVault ? data : { ...flat, ...(data !== undefined && { data }) };
  const text = errorOf(errors, error_description ?? error);
  return {
    status,
    ...(isFull(told) && { data: isAnything ? wholeOf(device, told) : dataOf(device, told) }),
    ...(isFull(auth) && { auth: authOf(device, auth) }),
    ...(isFull(wrap_info) && { wrap_info: device.salted.values(wrap_info, PATHS) }),
    ...(status >= 400 && { error: text }),
  };
}

/** Metadata is no secret, but for what a login's answer alone says. */
function authOf({ salted }: Rendering, { metadata, ...others }: { readonly metadata?: unknown }): object {
  const clear = isFull(metadata) ? Object.keys(metadata).filter((name) => name !== REFRESH_TOKEN_HANDLE) : [];
  const told = salted.values(others, CLEAR);
  return { ...(isFull(told) && told), metadata: salted.values(metadata, new Set(clear)) };
}

function isFull(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function errorOf(errors: unknown, text: unknown): string {
  if (Array.isArray(errors)) return errors.length > 0 ? errors.join("; ") : "not found";
  return typeof text === "string" ? text : "";
}

function dataOf({ salted, elidesLists }: Rendering, data: object): unknown {
  if (elidesLists && "keys" in data && Array.isArray(data.keys)) return { keys: data.keys.length };
  return countIn(data) > MOST_VALUES ? { elided: countIn(data) } : salted.values(data);
}

function wholeOf({ salted }: Rendering, data: object): unknown {
  return countIn(data) > MOST_VALUES ? { elided: countIn(data) } : salted.whole(data);
}

function countIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((count, one) => count + countIn(one), 1);
}
