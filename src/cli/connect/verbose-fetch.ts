import { fingerprint } from "../frame/output.ts";

/** Where --verbose says requests; `undefined` without it. */
export function sayRequests(verbose: boolean | undefined): ((line: string) => void) | undefined {
  return verbose ? (line) => void process.stderr.write(`${line}\n`) : undefined;
}

/** Says each request; a bearer is named by its fingerprint, and a query may hold anything. */
export function verboseFetch(inner: typeof globalThis.fetch, say: (line: string) => void): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { origin, pathname } = new URL(request.url);
    const bearer = request.headers.get("authorization")?.replace(/^\S+ /, "");
    const from = performance.now();
    const what = `${request.method} ${origin}${pathname}${bearer ? ` (bearer ${fingerprint(bearer)})` : ""}`;
    try {
      const response = await inner(request);
      say(`${what}: ${response.status}, ${Math.round(performance.now() - from)} ms`);
      return response;
    } catch (error) {
      say(`${what}: no answer`);
      throw error;
    }
  };
}
