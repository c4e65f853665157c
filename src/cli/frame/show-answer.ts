import type { Answer } from "../../client/index.ts";
import { CliError } from "./fail.ts";
import type { Output } from "./output.ts";
import { table } from "./table.ts";

/** An answer of the broker's Vault-shaped API: its warnings, and its data or that one field of them. */
export function showAnswer(out: Output, answer: Answer | undefined, field?: string): void {
  for (const warning of answer?.warnings ?? []) out.warn(warning);
  if (field !== undefined) showField(out, answer, field);
  else if (answer?.data) out.result(table(answer.data), answer.data);
  else out.result("done", { done: true });
}

function showField(out: Output, answer: Answer | undefined, field: string): void {
  const value = answer?.data?.[field];
  if (value === undefined) throw new CliError("not_found", `there is no field "${field}"`);
  out.value(typeof value === "string" ? value : JSON.stringify(value), value);
}
