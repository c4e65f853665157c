import { Agent, request } from "node:http";
import { proxiesOf } from "../../../process/proxies.ts";
import { environment } from "../../frame/environment.ts";
import { endsInOf, Lost, type Sent, sendBy, type Way } from "./way.ts";

/** Over the network, by the proxy and the authorities that the environment names; without a proxy connections are kept. */
export async function networkWay(url: URL, headers: Readonly<Record<string, string>>, isBroker: boolean): Promise<Way> {
  const isSecure = url.protocol === "https:";
  const file = environment().COATCHECK_CA_FILE;
  const ca = isSecure && file ? (await import("../../../process/trust.ts")).trustedWith(file) : undefined;
  const { begin, close } = await beginner(url, ca);
  return {
    isBroker,
    ...(isBroker && { endsIn: endsInOf }),
    send: async (call) => {
      const address = call.url === undefined ? url : new URL(call.url, url);
      if (address.origin !== url.origin)
        throw new Lost(`the server names an address of another one, ${address.origin}`);
      return sendBy((sent) => begin(address, sent), { ...call, headers: { ...call.headers, ...headers } });
    },
    close,
  };
}

async function beginner(url: URL, ca: readonly string[] | undefined) {
  const proxyFor = proxiesOf(environment());
  if (proxyFor?.(url)) {
    const { networkRequest } = await import("../../connect/network-fetch.ts");
    const through = networkRequest({ proxyFor, ca, what: "the server" });
    const begin = (to: URL, sent: Sent) =>
      through(to, { ...sent, path: to.pathname + to.search, agent: false, signal: new AbortController().signal });
    return { begin, close: () => {} };
  }
  const secure = url.protocol === "https:" ? await import("node:https") : undefined;
  const agent = secure ? new secure.Agent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const more = ca ? { ca: [...ca] } : {};
  const begin = (to: URL, sent: Sent) => (secure?.request ?? request)(to, { ...sent, agent, ...more });
  return { begin, close: () => agent.destroy() };
}
