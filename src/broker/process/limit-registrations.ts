import { BrokerError } from "../errors.ts";
import type { Context } from "./context.ts";

/** REG-13: in one minute, at one host for one mount. A person's login is one; a loop is many. */
const MOST = 20;

/** Counts a registration; throws `BrokerError` when there were too many: a named server must not make us a flood. */
export function limitRegistrations({ caches }: Context, mount: string, endpoint: string): void {
  const retryAfter = caches.registrations.take(`${mount}\n${new URL(endpoint).host}`, MOST);
  if (retryAfter === 0) return;
  const text = "too many client registrations at this server: wait a moment";
  throw new BrokerError("wait", text, { reason: "temporarily_unavailable", retryAfter });
}
