import { DEFAULT_POLICY, ROOT_POLICY } from "../../access/policy/built-in.ts";
import { PolicyProblem, parsePolicy } from "../../access/policy/policy.ts";
import type { Policies } from "../access.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { openContent, plainRow } from "../record/records.ts";
import { namesOf } from "../record/rows.ts";

/** UTF-16 units: much more than anybody writes by hand. */
const LONGEST_POLICY = 65_536;

const PLACE = { mount: "sys/policy", kind: "config" } as const;
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ["default", DEFAULT_POLICY],
  ["root", ROOT_POLICY],
]);

interface Stored {
  /** As it was written. */
  readonly text: string;
}

/** Whoever remembers what policies say. */
interface Changing {
  changing<T>(change: () => Promise<T>): Promise<T>;
}

export function createPolicies(context: Context, callers: Changing): Policies {
  return {
    read: (name) => readPolicy(context, name.toLowerCase()),
    write: (name, text) => callers.changing(() => writePolicy(context, name.toLowerCase(), text)),
    remove: (name) => callers.changing(() => removePolicy(context, name.toLowerCase())),
    list: async () => {
      const names = new Set(BUILT_IN.keys());
      for await (const slice of namesOf(context, PLACE.mount, PLACE.kind, { prefix: "" })) {
        for (const name of slice) names.add(name);
      }
      return [...names].toSorted();
    },
  };
}

/** Also one that is built in; undefined where there is none. */
export async function readPolicy(context: Context, name: string): Promise<string | undefined> {
  if (name === "root") return ROOT_POLICY;
  const row = await context.store.read({ ...PLACE, name });
  return row ? openContent<Stored>(context, row).text : BUILT_IN.get(name);
}

async function writePolicy(context: Context, name: string, given: string): Promise<void> {
  if (name === "root") throw invalid('cannot update "root" policy');
  const text = decoded(given);
  if (text.trim() === "") throw invalid("'policy' parameter not supplied or empty");
  if (text.length > LONGEST_POLICY) throw invalid(`a policy may have at most ${LONGEST_POLICY} characters`);
  try {
    parsePolicy(text);
  } catch (error) {
    if (error instanceof PolicyProblem) throw invalid(`failed to parse policy: ${error.message}`);
    throw error;
  }
  await context.store.write(plainRow(context, { ...PLACE, name, id: newId() }, { text } satisfies Stored), {
    anything: true,
  });
  context.log.info("policy_written", { name });
}

async function removePolicy(context: Context, name: string): Promise<void> {
  if (BUILT_IN.has(name)) throw invalid(`cannot delete "${name}" policy`);
  const row = await context.store.read({ ...PLACE, name });
  if (row && (await context.store.remove({ id: row.id }))) context.log.info("policy_removed", { name });
}

/** Clients may send it in base64. */
function decoded(given: string): string {
  const bytes = Buffer.from(given, "base64");
  return given !== "" && bytes.toString("base64") === given ? bytes.toString("utf8") : given;
}
