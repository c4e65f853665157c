import { BrokerError } from "../errors.ts";
import type { Context } from "./context.ts";

/** REG-13: in one minute, at one host for one mount. A person's login is one; a loop is many. */
const MOST = 20;
const WINDOW_MS = 60_000;

/** Counts a registration; throws `BrokerError` when there were too many: a named server must not make us a flood. */
export function limitRegistrations({ caches, clock }: Context, mount: string, endpoint: string): void {
  const key = `${mount}\n${new URL(endpoint).host}`;
  const now = clock.monotonic();
  const recent = (caches.registrations.get(key) ?? []).filter((at) => at > now - WINDOW_MS);
  const [oldest = now] = recent;
  if (recent.length >= MOST) {
    const retryAfter = Math.ceil((oldest + WINDOW_MS - now) / 1000);
    const text = "too many client registrations at this server: wait a moment";
    throw new BrokerError("wait", text, { reason: "temporarily_unavailable", retryAfter });
  }
  caches.registrations.set(key, [...recent, now]);
}
