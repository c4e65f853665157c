import { proxiesOf } from "../../process/proxies.ts";
import { environment } from "../frame/environment.ts";
import { usage } from "../frame/fail.ts";

/**
 * The `fetch` that reaches an address over the network: by the proxy that the environment names for it, and with a person's own
 * authorities; `undefined` for Node's own, where neither is said. `what`: how errors call it, such as "the broker". Throws usage.
 */
export async function wayTo(url: URL, what: string): Promise<typeof globalThis.fetch | undefined> {
  const file = environment().COATCHECK_CA_FILE;
  const proxyFor = orUsage("", () => proxiesOf(environment()));
  if (!file && !proxyFor) return undefined;
  const { networkFetch } = await import("./network-fetch.ts");
  const { trustedWith } = await import("../../process/trust.ts");
  const ca = file && url.protocol === "https:" ? orUsage("--ca-file: ", () => trustedWith(file)) : undefined;
  return networkFetch({ proxyFor, ca, what });
}

function orUsage<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw usage(`${prefix}${(error as Error).message}`);
  }
}
