import { type ConnectionOptions, type Operator, operator } from "../../client/index.ts";
import { environment } from "../frame/environment.ts";
import { CliError, EXIT, usage } from "../frame/fail.ts";
import { readPrivate } from "../kept/private-file.ts";
import { readSettings } from "../kept/settings-file.ts";
import { ensureOwnBroker, ownToken } from "./own-broker.ts";
import { socketFetch } from "./socket-fetch.ts";
import { sayRequests, verboseFetch } from "./verbose-fetch.ts";

/** The person's own broker, as it is written into files. */
export const OWN = "own";

/** The broker's address: flag, environment, configuration, and the person's own one where none of them says anything. */
export function brokerAddress(flag: string | undefined): string {
  return flag ?? (environment.COATCHECK_ADDR || readSettings().broker || OWN);
}

/** How to reach it; the person's own one is started if it does not run. `say` hears of every request (--verbose). */
export async function connectionTo(address: string, say?: (line: string) => void): Promise<ConnectionOptions> {
  const connection = await reach(address);
  return say ? { ...connection, fetch: verboseFetch(connection.fetch ?? globalThis.fetch, say) } : connection;
}

async function reach(address: string): Promise<ConnectionOptions> {
  if (address === OWN) return overSocket(await ensureOwnBroker());
  if (address.startsWith("unix:")) return overSocket(address.slice("unix:".length));
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usage(
      `the broker's address "${address}" is not usable: give one like https://broker.example.com or unix:PATH`,
    );
  }
  return { broker: url };
}

function overSocket(path: string): ConnectionOptions {
  return { broker: "http://localhost/", fetch: socketFetch(path) };
}

export interface OperatorFlags {
  readonly addr?: string;
  readonly tokenFile?: string;
  readonly verbose?: boolean;
}

/** The operator's side of the broker: with the token given by file or environment, or the own broker's. */
export async function operatorOf({ addr, tokenFile, verbose }: OperatorFlags): Promise<Operator> {
  const address = brokerAddress(addr);
  const connection = await connectionTo(address, sayRequests(verbose));
  return operator({ ...connection, token: operatorToken(address, tokenFile) });
}

export function operatorToken(address: string, tokenFile: string | undefined): string {
  if (tokenFile !== undefined) {
    const token = readPrivate(tokenFile)?.trim();
    if (!token) throw usage(`the token file ${tokenFile} is missing or empty`);
    return token;
  }
  const token = environment.COATCHECK_OPERATOR_TOKEN || (address === OWN ? ownToken() : undefined);
  if (token) return token;
  throw new CliError(
    "no_operator_token",
    "this is an operator's command: give the token by COATCHECK_OPERATOR_TOKEN or --token-file",
    {
      exit: EXIT.refused,
    },
  );
}
