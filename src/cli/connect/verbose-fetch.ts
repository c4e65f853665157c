import { createHash } from "node:crypto";
import { visible } from "../frame/visible.ts";

/** Says each request on stderr (--verbose); a bearer is named by its fingerprint, and a query may hold anything. */
export function verboseFetch(inner: typeof globalThis.fetch): typeof globalThis.fetch {
  const say = (line: string) => void process.stderr.write(`${visible(line)}\n`);
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

/** How a secret is named where people read: the first 8 hex digits of its SHA-256. */
function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 8);
}
