import type { FastifyRequest } from "fastify";
import type { VaultApp } from "../app-types.ts";
import { plainAddress } from "../gate/network.ts";

/** What the API answered. */
interface Told {
  readonly status: number;
  /** Empty where there is none. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/** The API said no; its own words, which are safe to show. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  /** Of a pending login, or why it failed. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(status: number, texts: readonly string[], data: Readonly<Record<string, unknown>>) {
    super(texts.join("; "));
    this.status = status;
    this.data = data;
  }
}

/** One request of the API as the person whose token it is. Rejects with a `Refusal` for any status but those of success. */
export type Ask = (method: Method, path: string, body?: object) => Promise<Told>;

type Method = "GET" | "PUT" | "POST" | "DELETE";

/**
 * The dashboard is a client: whatever it shows or does is a request to our own API, from the address of whoever asks, so that policies,
 * limits, audit and texts of errors hold. Nothing leaves the process for it.
 */
export function askAs(app: VaultApp, { headers, ip }: FastifyRequest, token: string): Ask {
  const { "x-forwarded-for": hops } = headers;
  const sent = { host: "localhost", "x-vault-token": token, ...(hops !== undefined && { "x-forwarded-for": hops }) };
  return async (method, path, body) => {
    const { statusCode: status, payload } = await app.inject({
      method,
      url: path.startsWith("/") ? path : `/v1/${path}`,
      remoteAddress: plainAddress(ip),
      headers: sent,
      ...(body && { payload: JSON.stringify(body) }),
    });
    return told(status, payload);
  };
}

/** Vault's envelope and the flat answers of the session API are read alike. */
function told(status: number, payload: string): Told {
  const { data, errors, warnings, error, error_description: text, ...flat } = objectIn(payload);
  if (status >= 300) {
    const texts = Array.isArray(errors) ? errors.map(String) : [text ?? error].flatMap((one) => one ?? []).map(String);
    throw new Refusal(status, texts, isRecord(data) ? data : flat);
  }
  return { status, data: isRecord(data) ? data : flat, warnings: Array.isArray(warnings) ? warnings.map(String) : [] };
}

function objectIn(payload: string): Readonly<Record<string, unknown>> {
  const value: unknown = payload === "" ? {} : JSON.parse(payload);
  return isRecord(value) ? value : {};
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
