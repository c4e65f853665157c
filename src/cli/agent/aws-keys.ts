import { parseRfc3339 } from "../../api/time.ts";
import { systemClock } from "../../process/clock.ts";
import { type AwsKeys, assumeRole, type Role } from "./assume-role.ts";

/** Keys are handed out until so long before their end. Milliseconds. */
const MARGIN_MS = 300_000;

interface KeptKeys {
  readonly flight: Promise<AwsKeys>;
  /** Absent while they are asked for. */
  keys?: AwsKeys;
}

/** Keys in memory, by session and role; who asks at the same time shares one request. */
export function createAwsKeys() {
  const all = new Map<string, KeptKeys>();
  return (session: string, role: Role, idToken: () => Promise<string>): Promise<AwsKeys> => {
    for (const [key, { keys }] of all) if (keys && !isGood(keys)) all.delete(key);
    const key = JSON.stringify([session, role.endpoint, role.arn, role.session]);
    const found = all.get(key);
    if (found) return found.flight;
    const kept: KeptKeys = { flight: idToken().then((token) => assumeRole(role, token)) };
    all.set(key, kept);
    kept.flight.then(
      (keys) => {
        kept.keys = keys;
      },
      () => all.delete(key),
    );
    return kept.flight;
  };
}

function isGood({ Expiration }: AwsKeys): boolean {
  return (parseRfc3339(Expiration) ?? 0) - systemClock.wall() > MARGIN_MS;
}
