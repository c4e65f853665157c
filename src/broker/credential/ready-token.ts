import { type Issued, leastLife } from "../../credential/index.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import type { TokenView } from "../token-view.ts";

/**
 * The token of a credential that was read before and has not changed since, without a question to the store: what
 * `readCredential` answers until the row or the time makes a difference. Undefined: ask that. For whoever asks again and again.
 */
export function readyToken({ life, store, caches }: Context, mount: string, name: string): () => TokenView | undefined {
  const current = store.current({ mount, kind: "creds", name });
  return () => {
    if (life.copy !== undefined) return undefined;
    const row = current();
    return row && caches.readyTokens.of(row);
  };
}

/** Remembers what a reader got who wanted no more than the least, where the next one gets the same. */
export function keepReady(
  { caches, life }: Context,
  { row, state }: { readonly row: Row; readonly state: Issued },
  view: TokenView,
): void {
  // What is said of trouble, of a login's end or of a copy changes with the time, or is said once.
  if (view.warnings.length > 0 || state.trouble || state.refreshEnd || life.copy !== undefined) return;
  const until = state.expiresAt === undefined ? Number.POSITIVE_INFINITY : state.expiresAt - leastLife(state) * 1000;
  caches.readyTokens.keep(row, view, until);
}
