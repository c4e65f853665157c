import type { Credential, Event } from "../../credential/index.ts";
import type { Call } from "../../protocol/client.ts";
import type { TokenOutcome } from "../../protocol/response/outcome.ts";
import { laneOf } from "../../store/lanes.ts";
import type { Claimed, Row, SettleBy } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { commit, escrowAnswer, postpone, settleEvent } from "../record/commit.ts";
import { labelOf } from "../record/grant.ts";
import { openEscrow } from "../record/records.ts";
import { revokeLater } from "../record/revocation.ts";
import { problemEvent, type ResolvedServer, resolveServer, type ServerProblem } from "../server/resolve-server.ts";
import type { Flow, Meaning } from "./attempt.ts";
import { keepLate } from "./keep-late.ts";
import { isProven } from "./refreshed-as.ts";
import { refusalEvent } from "./refusal.ts";

/** An attempt at a claimed credential: a poll or a refresh. */
export interface CredentialAttempt {
  readonly claimed: Claimed;
  readonly state: Credential;
  readonly kind: "poll" | "refresh";
  readonly prefix: string;
  /** By what an answer with tokens is kept and settled; undefined: by nothing, it is late. */
  readonly fence: SettleBy | undefined;
  /** The value it sends may be spent: an earlier attempt was claimed and never settled, or the store was a copy. */
  readonly doubt: boolean;
  /** An earlier attempt had no definite answer, so tokens count as recovered. */
  readonly recovered: boolean;
  /** For so many seconds after its use the server takes a refresh token once more. */
  grace?(server: ResolvedServer): number | undefined;
}

type Shared = "row" | "escrowed" | "server" | "unusable" | "keep" | "settle" | "late" | "prefix" | "label";

/** The phases that a poll and a refresh share. True: settled. */
export function ofCredential(context: Context, attempt: CredentialAttempt): Pick<Flow<boolean>, Shared> {
  const { claimed, state, kind, prefix, fence, doubt } = attempt;
  const { row, claim } = claimed;
  const { grant } = state;
  const escrowed = openEscrow(context, row);
  return {
    prefix,
    label: labelOf(grant, row.name),
    row: row.id,
    escrowed,
    server: (call) => resolveServer(context, row.mount, grant, call),
    unusable: async (problem) => {
      noteProblem(context, row, problem);
      if (!escrowed) return settleOrRelease(context, attempt, problemEvent(problem, prefix, doubt));
      // The answer in escrow may be the only successor there is: it waits until somebody can read it.
      await postpone(context, claimed);
      return false;
    },
    keep: async (answer, requestedAt) => {
      if (fence) await escrowAnswer(context, { row, by: fence, claim, kind, grant, requestedAt }, answer);
    },
    settle: async (meaning, server, call) => {
      const event = await eventOf(context, server, attempt, meaning, call);
      const by = meaning.kind === "refused" ? { claim } : fence;
      if (!by || !(await settleEvent(context, row, state, { kind, event }, by))) return undefined;
      // Tokens of somebody else's account are handed to nobody.
      if (isForeign(meaning)) await revokeLater(context, row.mount, grant, meaning.tokens);
      return true;
    },
    late: async (meaning) => {
      const issue = meaning.kind === "issued" ? { issue: meaning.issue } : {};
      if (meaning.kind !== "refused") await keepLate(context, { row, kind, grant, tokens: meaning.tokens, ...issue });
      return giveBack(context, claimed);
    },
  };
}

/** Metadata that cannot be had are as good as no answer. */
export function noteProblem({ breakers }: Context, row: Row, { temporary, message: text }: ServerProblem): void {
  const lane = laneOf(row);
  if (temporary && lane !== undefined) breakers.observe(lane, { outcome: { kind: "unavailable", text }, row: row.id });
}

/** Ends an attempt that brought no answer. True: settled. */
export async function settleOrRelease(
  context: Context,
  { claimed, state, kind }: Pick<CredentialAttempt, "claimed" | "state" | "kind">,
  event: Event,
): Promise<boolean> {
  const { row, claim } = claimed;
  return (await settleEvent(context, row, state, { kind, event }, { claim })) || giveBack(context, claimed);
}

/** The row has moved on; its claim is given back if it is still ours. */
async function giveBack(context: Context, { row, claim }: Claimed): Promise<false> {
  await commit(context, () => context.store.release(row.id, claim, { untouched: true }));
  return false;
}

function isForeign(meaning: Meaning) {
  return meaning.kind === "identity-refused" || meaning.kind === "subject-changed";
}

function isSlowDown({ provider }: ResolvedServer, outcome: TokenOutcome): boolean {
  const { slowDownStatus } = provider.quirks;
  return slowDownStatus !== undefined && outcome.kind === "unavailable" && outcome.status === slowDownStatus;
}

async function eventOf(
  context: Context,
  server: ResolvedServer,
  { state, kind, doubt, recovered, grace }: CredentialAttempt,
  meaning: Meaning,
  call: Call,
): Promise<Event> {
  switch (meaning.kind) {
    case "issued":
      return { type: "issued", issue: meaning.issue, recovered };
    case "identity-refused":
      return { type: "identity-refused", reason: meaning.reason, text: meaning.text };
    case "subject-changed":
      return { type: "subject-changed", text: meaning.text };
    case "refused": {
      const { response, requestedAt } = meaning;
      const seconds = grace?.(server);
      const slowDown = kind === "poll" && isSlowDown(server, response.outcome);
      const proven = state.status === "issued" && isProven(context, server, state);
      const about = { doubt, requestedAt, slowDown, proven, ...(seconds !== undefined && { grace: seconds }) };
      return refusalEvent(context, server, response, about, call);
    }
    default:
      return meaning satisfies never;
  }
}
