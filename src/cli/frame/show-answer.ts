import type { Answer } from "../../client/index.ts";
import { CliError } from "./fail.ts";
import type { Output } from "./output.ts";
import { table } from "./table.ts";

/** An answer of the broker's Vault-shaped API: its warnings, and its data (or the token that was made), or one field of those. */
export function showAnswer(out: Output, answer: Answer | undefined, field?: string): void {
  for (const warning of answer?.warnings ?? []) out.warn(warning);
  const shown = answer?.data ?? answer?.auth;
  if (field !== undefined) showField(out, shown, field);
  else if (shown) out.result(table(shown), shown);
  else out.result("done", { done: true });
}

function showField(out: Output, shown: Answer["data"] | undefined, field: string): void {
  const value = shown?.[field];
  if (value === undefined) throw new CliError("not_found", `there is no field "${field}"`);
  out.value(typeof value === "string" ? value : JSON.stringify(value), value);
}
