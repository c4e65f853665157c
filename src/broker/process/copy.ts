import { BrokerError } from "../errors.ts";
import type { Context, CopyReason } from "./context.ts";

/** Refused while the broker holds a copy. Throws `BrokerError`. */
export function requireOwner({ life }: Pick<Context, "life">): void {
  if (life.copy !== undefined)
    throw new BrokerError("wait", copyText(life.copy), { reason: "temporarily_unavailable", retryAfter: 60 });
}

/** Use cases that reach a provider, or would once they may. */
export function ownedBy(context: Pick<Context, "life">) {
  return <A extends readonly unknown[], R>(use: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      requireOwner(context);
      return use(...given);
    };
}

/** What everybody is told who wants more of a copy than a valid token. */
export function copyText(reason: CopyReason): string {
  return reason === "moved" ? MOVED : COPY;
}

const MOVED =
  "this broker's data have been moved to another database: it hands out tokens that are still valid, and the broker on that database does the rest";

const COPY =
  "this broker holds a restored copy and sends nothing to providers: once nobody else uses these credentials, the operator must start it with --take-over";
