import type { Call, FetchInit } from "../protocol/client.ts";
import { type JsonObject, parseJsonObject, textOf } from "../protocol/response/json.ts";
import type { World } from "./world.ts";

type Headers_ = Readonly<Record<string, string>>;

/** One request and its answer, exactly; `masked` hides the secrets in it. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers_;
  readonly body?: string;
  readonly bodyKind?: "form" | "json";
  readonly answer?: { readonly status: number; readonly headers: Headers_; readonly body: string };
  /** Instead of an answer: why there is none. */
  readonly trouble?: string;
  readonly milliseconds: number;
  /** Made only to see what a simulated homeserver does: no program would send it. */
  readonly simulated?: true;
  /** Secret → what is shown for it. */
  readonly masks: Headers_;
}

/** Milliseconds for one request. */
const PATIENCE_MS = 15_000;

/** A call whose every request is recorded in `exchanges`. */
export function recordingCall(world: World): { readonly call: Call; readonly exchanges: Exchange[] } {
  const exchanges: Exchange[] = [];
  const never = new AbortController().signal;
  const fetch: Call["fetch"] = async (url, init = {}) => {
    const from = world.now();
    const request = requestOf(url, init, world);
    const record = async (more: Pick<Exchange, "answer" | "trouble">) => {
      const exchange = { ...request, ...more, milliseconds: Math.max(0, Math.round(world.now() - from)) };
      exchanges.push({ ...exchange, masks: await masksOf(exchange) });
    };
    const signal = AbortSignal.any([init.signal ?? never, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      const response = await world.fetch(url, { ...init, signal });
      const { status } = response;
      const headers = Object.fromEntries(response.headers);
      const body = await response.text();
      await record({ answer: { status, headers, body } });
      const isEmpty = status === 0 || [204, 205, 304].includes(status);
      return status === 0 ? response : new Response(isEmpty ? null : body, { status, headers });
    } catch (error) {
      await record({ trouble: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  };
  const { allowHttp = false, signal = never } = world;
  return { call: { fetch, allowHttp, signal }, exchanges };
}

function requestOf(url: string, { method = "GET", headers, body }: FetchInit, world: World) {
  const sent = { ...Object.fromEntries(new Headers(headers)), ...world.headers };
  if (body === undefined || body === null) return { method, url, headers: sent };
  const bodyKind = body instanceof URLSearchParams ? ("form" as const) : ("json" as const);
  return { method, url, headers: sent, body: String(body), bodyKind };
}

/** Members whose values open something. */
const SECRETS = [
  ..."access_token refresh_token id_token token device_code code code_verifier client_secret".split(" "),
  "registration_access_token",
];

async function masksOf({ headers, body = "", bodyKind, answer }: Omit<Exchange, "masks">): Promise<Headers_> {
  const form = bodyKind === "form" ? Object.fromEntries(new URLSearchParams(body)) : parseJsonObject(body);
  const authorization = /^\S+ (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "";
  const values = [authorization, ...secretsIn(form), ...secretsIn(answer && parseJsonObject(answer.body))];
  const masks = values.filter((value) => value !== "").map(async (value) => [value, await mask(value)] as const);
  return Object.fromEntries(await Promise.all(masks));
}

function secretsIn(members: JsonObject = {}): readonly string[] {
  return SECRETS.map((name) => textOf(members[name]) ?? "");
}

/** How a secret is named where people read: the first 8 hex digits of its SHA-256. */
export async function mask(secret: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)));
  return `sha256:${Array.from(hash.slice(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The same exchange without its secrets, in whatever spelling they stand. */
export function masked(exchange: Exchange, reveal = false): Exchange {
  if (reveal) return exchange;
  const { url, headers, body, answer, trouble, masks, ...rest } = exchange;
  const hide = (text: string) => maskText(text, masks);
  const hideAll = (texts: Headers_) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, hide(text)]));
  return {
    ...rest,
    url: hide(url),
    headers: hideAll(headers),
    ...(body !== undefined && { body: hide(body) }),
    ...(answer && { answer: { ...answer, headers: hideAll(answer.headers), body: hide(answer.body) } }),
    ...(trouble !== undefined && { trouble: hide(trouble) }),
    masks: {},
  };
}

/** Longest first: one secret may be the beginning of another. */
function maskText(text: string, masks: Headers_): string {
  const secrets = Object.keys(masks).sort((one, other) => other.length - one.length);
  return secrets.reduce((left, secret) => {
    const form = new URLSearchParams([["", secret]]).toString().slice(1);
    const json = JSON.stringify(secret).slice(1, -1);
    const spellings = [secret, form, encodeURIComponent(secret), json, json.replaceAll("/", "\\/")];
    return spellings.reduce((rest, spelling) => rest.replaceAll(spelling, masks[secret] ?? ""), left);
  }, text);
}
