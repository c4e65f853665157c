import dns from "node:dns/promises";
import { syncBuiltinESMExports } from "node:module";
import type { Clock } from "../../src/process/clock.ts";
import { withheld } from "../servers/watched.ts";

/** What becomes of one look-up, in the system's words. */
export type Unresolved = (clock: Clock) => Promise<never>;

function failure(code: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code}`), { code });
}

export const noSuchName: Unresolved = () => Promise.reject(failure("ENOTFOUND"));

/** The name server answers SERVFAIL. */
export const notNow: Unresolved = () => Promise.reject(failure("EAI_AGAIN"));

/** How long the system asks name servers that say nothing: two times 5 s each. Longer than the broker waits. Milliseconds. */
const SILENCE_MS = 10_000;

export const silence: Unresolved = (clock) =>
  new Promise((_, fail) => {
    const asking = {};
    withheld.add(asking);
    clock.after(SILENCE_MS, () => {
      withheld.delete(asking);
      fail(failure("EAI_AGAIN"));
    });
  });

/** The one name to which plain http is allowed. */
export const NAME = "localhost";

let next: (() => Promise<never>) | undefined;
let failures = 0;

/** The next look-up of `NAME` brings no address: whom the system asks, and what it answers, no test can change. */
export function failNextLookup(how: Unresolved, clock: Clock): void {
  next = () => how(clock);
}

/** Look-ups that failed so far. */
export const failedLookups = (): number => failures;

const { lookup } = dns;
Object.assign(dns, {
  lookup: (host: string, options: { readonly all: true }) => {
    const how = host === NAME ? next : undefined;
    if (how === undefined) return lookup(host, options);
    next = undefined;
    failures += 1;
    return how();
  },
});
syncBuiltinESMExports();
