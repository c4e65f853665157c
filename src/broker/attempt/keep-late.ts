import { type Event, type Grant, type Issue, transition } from "../../credential/index.ts";
import type { TokenSet } from "../../protocol/response/outcome.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { moment } from "../process/random.ts";
import { commit, rowAfter } from "../record/commit.ts";
import { revocationLane } from "../record/grant.ts";
import { openContent, openCredential, plainRow } from "../record/records.ts";
import { type Revocation, revocable, revokeLater } from "../record/revocation.ts";

/** Tokens whose row had moved on when they were to be settled: our lease had ended, or somebody deleted or rewrote it. */
export interface LateTokens {
  readonly row: Pick<Row, "id" | "mount" | "kind" | "name">;
  readonly kind: "poll" | "refresh";
  readonly grant: Grant;
  readonly tokens: TokenSet;
  /** Absent where nobody may have the tokens (a stranger's). */
  readonly issue?: Issue;
}

/**
 * Takes care of tokens that came late (ARCHITECTURE.md, invariants 2 and 10). The same generation keeps them, because
 * they may be the only living successor; a deleted one has them revoked.
 */
export async function keepLate(context: Context, late: LateTokens): Promise<void> {
  await keep(context, late);
  context.journal.drop(late.row.id);
}

async function keep(context: Context, late: LateTokens): Promise<void> {
  const { row, grant, tokens } = late;
  for (;;) {
    const present = await commit(context, () => context.store.readById(row.id));
    if (present?.kind === "revocation") return addToRevocation(context, present, tokens);
    if (present?.kind !== "creds" || !late.issue) return withoutCredential(context, late);
    const event: Event = { type: "late", issue: late.issue };
    const state = openCredential(context, present);
    if (!transition(state, event, moment(context))) return;
    const next = await commit(context, () => rowAfter(context, present, { kind: late.kind, event }));
    const expect = { id: row.id, revision: present.revision };
    if (!(await commit(context, () => context.store.write(next, expect)))) continue;
    context.log.warn("late_answer_kept", { mount: row.mount, id: row.id, server: grant.server });
    return context.wake();
  }
}

async function withoutCredential(context: Context, { row, kind, grant, tokens }: LateTokens): Promise<void> {
  const rewritten = kind === "refresh" && (await commit(context, () => context.store.read(row)));
  // Revoking the old grant could take the new one with it (oauthapp.md 5.1); a new device flow is a grant of its own.
  if (rewritten) return context.log.warn("late_answer_dropped", { mount: row.mount, id: row.id });
  await revokeLater(context, row.mount, grant, tokens);
}

async function addToRevocation(context: Context, row: Row, tokens: TokenSet): Promise<void> {
  const content = openContent<Revocation>(context, row);
  const next = { ...content, tokens: [...content.tokens, ...revocable(tokens)] };
  const due = { server: revocationLane(content), task: "revoke", dueAt: context.clock.now() } as const;
  const changed = plainRow(context, row, next, due);
  const expect = { id: row.id, revision: row.revision };
  const written = await commit(context, () => context.store.write(changed, expect));
  if (!written) await revokeLater(context, row.mount, content, tokens);
  else context.wake();
}
