import { newToken } from "../../access/root-token.ts";
import { LONGEST_TTL } from "../../access/token.ts";
import type { Row } from "../../store/port.ts";
import type { ToWrap, Wrapped, Wrapping } from "../access.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { openContent, plainRow } from "../record/records.ts";
import { newAccessor, tokenName } from "./token-rows.ts";

const WRAPPED = { mount: "sys/wrapping", kind: "secret" } as const;

/** Characters of an answer. */
const LONGEST = 1_048_576;

type Stored = ToWrap & Pick<Wrapped, "createdAt">;

/** Answers that wait for one reader: sealed, under the hash of a token that opens nothing else; the queue removes what nobody came for. */
export function createWrapping(context: Context): Wrapping {
  return {
    wrap: (answer) => wrap(context, answer),
    lookUp: async (token) => {
      const row = await find(context, token);
      return row && openContent<Stored>(context, row);
    },
    unwrap: async (token) => (await take(context, token))?.body,
    rewrap: async (token) => {
      const stored = await take(context, token);
      return stored && wrap(context, stored);
    },
  };
}

async function wrap(context: Context, { body, path, ttl, wrappedAccessor }: ToWrap): Promise<Wrapped> {
  if (ttl > LONGEST_TTL) throw invalid("an answer is kept for 32 days at most: give a shorter wrap TTL");
  if (body.length > LONGEST) throw invalid(`an answer of more than ${LONGEST} characters cannot be wrapped`);
  const [token, accessor, createdAt] = [newToken(), newAccessor(), context.clock.now()];
  const stored: Stored = { body, path, ttl, wrappedAccessor, createdAt };
  const due = { task: "expire", dueAt: createdAt + ttl * 1000 } as const;
  const row = plainRow(context, { ...WRAPPED, name: tokenName(token), id: accessor }, stored, due);
  await context.store.write(row, { absent: true });
  context.log.info("answer_wrapped", { accessor, path, ttl });
  return { token, accessor, path, ttl, wrappedAccessor, createdAt };
}

async function find(context: Context, token: string): Promise<Row | undefined> {
  const row = await context.store.read({ ...WRAPPED, name: tokenName(token) });
  return row?.dueAt && row.dueAt > context.clock.now() ? row : undefined;
}

/** Whoever removes it has it: of two who come at once one. */
async function take(context: Context, token: string): Promise<Stored | undefined> {
  const row = await find(context, token);
  if (!row || !(await context.store.remove({ id: row.id, revision: row.revision }))) return undefined;
  context.log.info("answer_unwrapped", { accessor: row.id });
  return openContent<Stored>(context, row);
}
