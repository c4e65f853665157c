import { ERROR_ADVICE } from "../api/walk.ts";
import type { Failure } from "../protocol/response/failure.ts";
import type { HttpResponse } from "../protocol/response/http-response.ts";
import { oauthErrorText } from "../protocol/response/oauth-error.ts";
import type { Exchange } from "./exchange.ts";
import type { Finding, StepResult, WalkState } from "./state.ts";

export const good = (text: string): Finding => ({ kind: "good", text });
export const bad = (text: string): Finding => ({ kind: "bad", text });
export const warning = (text: string): Finding => ({ kind: "warning", text });
export const note = (text: string): Finding => ({ kind: "note", text });

/** A step that failed: the state stays, and what to do next is said. */
export function failed(state: WalkState, exchanges: readonly Exchange[], findings: readonly Finding[]): StepResult {
  return { ok: false, state, exchanges, findings };
}

export function succeeded(state: WalkState, exchanges: readonly Exchange[], findings: readonly Finding[]): StepResult {
  return { ok: true, state, exchanges, findings };
}

/** A step that needs one before it. */
export function missingStep(state: WalkState, what: string): StepResult {
  return failed(state, [], [bad(`Missing from an earlier step: ${what}.`)]);
}

/** What the server said, and the next thing to do (MX-P3). */
export function failureFindings(
  failure: Failure | { readonly kind: "malformed"; readonly text: string },
): readonly Finding[] {
  if (failure.kind !== "refused") return [bad(failure.text), note(ERROR_ADVICE.unavailable)];
  const { code } = failure.error;
  return [bad(oauthErrorText(failure.error)), note(adviceFor(code))];
}

/** What to do after an error code. */
export function adviceFor(code: string): string {
  return Object.hasOwn(ERROR_ADVICE, code)
    ? ((ERROR_ADVICE as Record<string, string>)[code] ?? "")
    : ERROR_ADVICE.other;
}

/** A status or a code, for a timeline. */
export function summaryOf(failure: Failure, response: HttpResponse | undefined): string {
  if (failure.kind === "refused") return failure.error.code;
  return response ? `status ${response.status}` : "no answer";
}
