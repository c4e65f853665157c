import type { Row } from "../../store/port.ts";
import { inBackground } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { eachOfKind } from "../record/rows.ts";
import { TOKENS } from "./token-rows.ts";

/**
 * Removes a token. What it made is worth nothing from this moment on, since each token is judged with all above it (access/callers);
 * their rows go by and by, and a crash on the way leaves rows that nobody can use.
 */
export async function endToken(context: Context, { id }: Pick<Row, "id">): Promise<void> {
  await context.store.remove({ id });
  endChildren(context, id);
}

/** It has run out, unless it was renewed in this moment. */
export async function expireToken(context: Context, row: Row): Promise<void> {
  if (await context.store.remove(row)) endChildren(context, row.id);
}

export function endChildren(context: Context, accessor: string): void {
  inBackground(context, "end tokens", removeChildren(context, accessor));
}

async function removeChildren(context: Context, accessor: string): Promise<void> {
  await eachOfKind(context, { ...TOKENS, server: accessor }, async ({ id }) => {
    await removeChildren(context, id);
    await context.store.remove({ id });
  });
}
