import { Refusal } from "./api.ts";
import type { Facts } from "./facts.ts";
import type { Visit } from "./visit.ts";

/** Whether the token has a capability at one of the paths that were asked about. */
export type May = (capability: string, path: string) => boolean;

/** What the API says that the token may do. One without the policy `default` may not ask: then each request says for itself what is refused. */
export async function mayOf({ ask }: Pick<Visit, "ask">, paths: readonly string[]): Promise<May> {
  const found = await capabilitiesAt(ask, paths);
  return (capability, path) => {
    if (!found) return true;
    const has = found.texts(path);
    return has.includes(capability) || has.includes("root");
  };
}

async function capabilitiesAt(ask: Visit["ask"], paths: readonly string[]): Promise<Facts | undefined> {
  try {
    return (await ask("POST", "sys/capabilities-self", { paths })).data;
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) return undefined;
    throw error;
  }
}
