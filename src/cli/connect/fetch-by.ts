import type { ClientRequest, RequestOptions } from "node:http";
import { Readable } from "node:stream";

/** Begins a request; `options` have all but the way. */
export type Begin = (
  url: URL,
  options: RequestOptions & { readonly signal: AbortSignal },
) => ClientRequest | Promise<ClientRequest>;

/** A `fetch` by a way that the platform's does not know; it follows no redirect. */
export function fetchBy(begin: Begin): typeof globalThis.fetch {
  return async (input, init) => {
    const asked = new Request(input, init);
    const { method, signal } = asked;
    const body = asked.body === null ? undefined : Buffer.from(await asked.arrayBuffer());
    const url = new URL(asked.url);
    const headers = { ...Object.fromEntries(asked.headers), ...(body && { "content-length": body.length }) };
    const options = { method, path: url.pathname + url.search, headers, agent: false, signal } as const;
    const outgoing = await begin(url, options);
    return new Promise((resolve, reject) => {
      outgoing.on("response", (incoming) => {
        const status = incoming.statusCode ?? 502;
        const empty = status === 204 || status === 304 || method === "HEAD";
        if (empty) incoming.resume();
        const answer = empty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>);
        resolve(new Response(answer, { status, headers: headersOf(incoming.rawHeaders) }));
      });
      outgoing.on("error", (error) =>
        reject(signal.aborted ? signal.reason : new TypeError("fetch failed", { cause: error })),
      );
      outgoing.end(body);
    });
  };
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < raw.length; index += 2) headers.append(raw[index] ?? "", raw[index + 1] ?? "");
  return headers;
}
