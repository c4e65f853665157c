import { isWalkKey, message, type WalkMessage } from "../messages/walk/index.ts";
import type { Failure } from "../protocol/response/failure.ts";
import type { HttpResponse } from "../protocol/response/http-response.ts";
import { oauthErrorText } from "../protocol/response/oauth-error.ts";
import type { Exchange } from "./exchange.ts";
import type { Finding, StepResult, WalkState } from "./state.ts";
import { told } from "./told.ts";

export const good = (said: WalkMessage): Finding => ({ kind: "good", said });
export const bad = (said: WalkMessage): Finding => ({ kind: "bad", said });
export const warning = (said: WalkMessage): Finding => ({ kind: "warning", said });
export const note = (said: WalkMessage): Finding => ({ kind: "note", said });

/** A text that is not ours to translate: a server's, or a rule's. */
export const plain = (text: string): WalkMessage => message("plain", { text });

/** A step that failed: the state stays, and what to do next is said. */
export function failed(state: WalkState, exchanges: readonly Exchange[], findings: readonly Finding[]): StepResult {
  return { ok: false, state, exchanges, findings };
}

export function succeeded(state: WalkState, exchanges: readonly Exchange[], findings: readonly Finding[]): StepResult {
  return { ok: true, state, exchanges, findings };
}

/** A step that needs one before it. */
export function missingStep(state: WalkState, what: WalkMessage): StepResult {
  return failed(state, [], [bad(message("step.missing", { what }))]);
}

/** What the server said, and the next thing to do (MX-P3). */
export function failureFindings(
  failure: Failure | { readonly kind: "malformed"; readonly text: string },
): readonly Finding[] {
  if (failure.kind !== "refused") return [bad(told(failure.text)), note(message("advice.unavailable"))];
  return [bad(told(oauthErrorText(failure.error))), note(adviceFor(failure.error.code))];
}

/** What to do after an error code. */
export function adviceFor(code: string): WalkMessage {
  const key = `advice.${code}`;
  return isWalkKey(key) ? { key } : message("advice.other");
}

/** A status or a code, for a timeline. */
export function summaryOf(failure: Failure, response: HttpResponse | undefined): string {
  if (failure.kind === "refused") return failure.error.code;
  return response ? `status ${response.status}` : "no answer";
}
