/** A request, and whether it may have the token. */
export interface Outgoing {
  readonly url: URL;
  readonly init: RequestInit;
}

export interface Answered {
  readonly response: Response;
  /** The answer is from where the token was sent. */
  readonly hadToken: boolean;
}

/** As many as a browser follows. */
const MOST = 20;

/** A browser shows no redirect to a program; it drops `Authorization` at one to another origin itself (Fetch 4.4). */
const inBrowser =
  (globalThis as { readonly document?: unknown }).document !== undefined ||
  (globalThis as { readonly WorkerGlobalScope?: unknown }).WorkerGlobalScope !== undefined;

/** Sends a request, and follows its redirects as `fetch` does, but with the token only while the origin stays the same. */
export async function followed(fetch: typeof globalThis.fetch, { url, init }: Outgoing): Promise<Answered> {
  if (inBrowser || (init.redirect ?? "follow") !== "follow") {
    const response = await fetch(url, init);
    const last = urlOf(response.url)?.origin ?? url.origin;
    return { response, hadToken: !response.redirected || last === url.origin };
  }
  let next: Outgoing | undefined = { url, init: { ...init, redirect: "manual" } };
  for (let hop = 0; ; hop += 1) {
    const response: Response = await fetch(next.url, next.init);
    const onward: Outgoing | undefined = hop < MOST ? redirectOf(response, next) : undefined;
    if (!onward) return { response, hadToken: new Headers(next.init.headers).has("authorization") };
    await response.body?.cancel();
    next = onward;
  }
}

const KEEPING: ReadonlySet<number> = new Set([307, 308]);
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, ...KEEPING]);

/** Those that another origin has no business with, and those of a body that is not sent again. */
const PRIVATE = ["authorization", "cookie", "proxy-authorization"];
const OF_BODY = ["content-encoding", "content-language", "content-location", "content-type", "content-length"];

/** Where it goes on; `undefined` for an answer that is no redirect, or one that cannot be followed. */
function redirectOf({ status, headers: answered }: Response, { url, init }: Outgoing): Outgoing | undefined {
  const location = answered.get("location");
  const to = REDIRECTS.has(status) && location !== null ? urlOf(location, url.href) : undefined;
  if (!to || !/^https?:$/.test(to.protocol)) return undefined;
  const method = (init.method ?? "GET").toUpperCase();
  const becomesGet = status === 303 ? method !== "HEAD" && method !== "GET" : !KEEPING.has(status) && method === "POST";
  if (!becomesGet && !canBeSentAgain(init.body)) return undefined;
  const headers = new Headers(init.headers);
  for (const name of to.origin === url.origin ? [] : PRIVATE) headers.delete(name);
  for (const name of becomesGet ? OF_BODY : []) headers.delete(name);
  const { body: _body, ...bodiless } = init;
  return { url: to, init: becomesGet ? { ...bodiless, method: "GET", headers } : { ...init, headers } };
}

/** A stream is gone once it was read. */
export function canBeSentAgain(body: unknown): boolean {
  if (body === null || body === undefined || typeof body === "string" || ArrayBuffer.isView(body)) return true;
  return [ArrayBuffer, Blob, FormData, URLSearchParams].some((kind) => body instanceof kind);
}

/** Node 20 has no `URL.parse`. */
export function urlOf(address: string, base?: string): URL | undefined {
  return URL.canParse(address, base) ? new URL(address, base) : undefined;
}
