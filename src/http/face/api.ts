import type { FastifyRequest } from "fastify";
import type { VaultApp } from "../app-types.ts";
import { plainAddress } from "../gate/network.ts";
import { Facts } from "./facts.ts";

/** What the API answered. */
interface Told {
  readonly status: number;
  /** Empty where there is none. */
  readonly data: Facts;
  readonly warnings: readonly string[];
}

/** The API said no; its own words, which are safe to show. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(status: number, texts: readonly string[]) {
    super(texts.join("; "));
    this.status = status;
  }
}

/** One request of the API as the person whose token it is. Rejects with a `Refusal` for any status but those of success. */
export type Ask = (method: Method, path: string, body?: object) => Promise<Told>;

/** What the token may not see, and what is not there. */
const HIDDEN = [403, 404];

/** What the API says; undefined where it answers with one of these statuses in its place. */
export async function orNothing(asked: ReturnType<Ask>, ...statuses: readonly number[]): Promise<Facts | undefined> {
  try {
    return (await asked).data;
  } catch (error) {
    const nothing = statuses.length > 0 ? statuses : HIDDEN;
    if (error instanceof Refusal && nothing.includes(error.status)) return undefined;
    throw error;
  }
}

/** RFC 3986 3.3. No name has one. */
const DOT_SEGMENT = /^[^?]*(?:^|\/)\.{1,2}(?:[/?]|$)/;

type Method = "GET" | "PUT" | "POST" | "DELETE";

/**
 * The dashboard is a client: whatever it shows or does is a request to our own API, from the address of whoever asks, so that policies,
 * limits, audit and texts of errors hold. Nothing leaves the process for it.
 */
export function askAs(app: VaultApp, { headers, ip }: FastifyRequest, token: string): Ask {
  const { "x-forwarded-for": hops } = headers;
  const sent = { host: "localhost", "x-vault-token": token, ...(hops !== undefined && { "x-forwarded-for": hops }) };
  return async (method, path, body) => {
    // On its way it would be taken as a step up, to what nobody here has named.
    if (DOT_SEGMENT.test(path)) throw new Refusal(404, ["not found"]);
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
  const parsed: unknown = payload === "" ? {} : JSON.parse(payload);
  const answer = new Facts(parsed);
  if (status >= 300) {
    const text = answer.text("error_description") ?? answer.text("error");
    throw new Refusal(status, [...answer.texts("errors"), ...(text === undefined ? [] : [text])]);
  }
  return { status, data: answer.knows("data") ? answer.of("data") : answer, warnings: answer.texts("warnings") };
}

/** A name as a part of a path; its slashes stay. */
export function inPath(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}
