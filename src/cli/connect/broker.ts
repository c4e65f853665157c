/**
 * Which broker, and how it is reached: an address over the network, a socket, or the person's own broker, which is started
 * on demand (own-broker). As whom: by a login that is kept (held-session), or as its operator (operator).
 */
import type { ConnectionOptions } from "../../client/index.ts";
import { socketPathProblem } from "../../process/socket-path.ts";
import { environment } from "../frame/environment.ts";
import { usage } from "../frame/fail.ts";
import { readSettings } from "../kept/settings-file.ts";
import { ensureOwnBroker } from "./own-broker.ts";
import { socketFetch } from "./unix-socket.ts";
import { verboseFetch } from "./verbose-fetch.ts";
import { wayTo } from "./way-to.ts";

/** The person's own broker, as it is written into files. */
export const OWN = "own";

/** The broker's address: flag, environment, configuration, and the person's own one where none of them says anything. */
export function brokerAddress(flag: string | undefined): string {
  return flag ?? (environment().COATCHECK_ADDR || readSettings().broker || OWN);
}

/** How to reach it; the person's own one is started if it does not run. `verbose`: every request is said on stderr. */
export async function connectionTo(address: string, verbose = false): Promise<ConnectionOptions> {
  const connection = await reach(address);
  return verbose ? { ...connection, fetch: verboseFetch(connection.fetch ?? globalThis.fetch) } : connection;
}

async function reach(address: string): Promise<ConnectionOptions> {
  if (address === OWN) return overSocket(await ensureOwnBroker());
  if (address.startsWith("unix:")) {
    const problem = socketPathProblem(address.slice("unix:".length));
    if (problem !== undefined) throw usage(`${problem}: give a shorter link to it`);
    return overSocket(address.slice("unix:".length));
  }
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usage(
      `the broker's address "${address}" is not valid: give one like https://broker.example.com or unix:PATH`,
    );
  }
  const fetch = await wayTo(url, "the broker");
  return { broker: url, ...(fetch && { fetch }) };
}

function overSocket(path: string): ConnectionOptions {
  return { broker: "http://localhost/", fetch: socketFetch(path) };
}
