import { inPath, orNothing, Refusal } from "../api.ts";
import type { Facts } from "../facts.ts";
import { sentence } from "../texts.ts";
import type { Visit } from "../visit.ts";

export interface Typed {
  readonly name: string;
  readonly isNew: boolean;
  readonly policy: string;
  /** Of the request that it is tried with. */
  readonly path?: string;
  readonly method?: string;
}

/** What came of trying or writing it. */
export interface Outcome {
  readonly status: number;
  readonly field?: "name" | "policy" | "path";
  readonly problem?: string;
  /** What the API's matcher says of the request. */
  readonly verdict?: Facts;
}

/** By the API's own matcher; nothing is written. */
export async function checked({ ask, say }: Visit, { policy, path = "", method = "" }: Typed): Promise<Outcome> {
  if (path.trim() === "") return { status: 400, field: "path", problem: say("policy.no-path") };
  try {
    const { data } = await ask("POST", "sys/policies/check", { policy, path: path.trim(), method });
    return { status: 200, verdict: data };
  } catch (error) {
    return refused(error, "policy");
  }
}

/** Undefined where it has been written. A new one takes the place of none. */
export async function written({ ask, say }: Visit, { name, isNew, policy }: Typed): Promise<Outcome | undefined> {
  if (name === "") return { status: 400, field: "name", problem: say("form.no-name") };
  const path = `sys/policies/acl/${inPath(name)}`;
  try {
    if (isNew && (await orNothing(ask("GET", path)))) {
      return { status: 409, field: "name", problem: say("policy.taken", { name }) };
    }
    await ask("PUT", path, { policy });
    return undefined;
  } catch (error) {
    if (error instanceof Refusal && error.status === 404)
      return { status: 400, field: "name", problem: say("bad-name") };
    return refused(error, "policy");
  }
}

function refused(error: unknown, field: "policy"): Outcome {
  if (!(error instanceof Refusal)) throw error;
  const problem = sentence(error.message);
  return error.status === 400 ? { status: 400, field, problem } : { status: error.status, problem };
}
