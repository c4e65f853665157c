import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { keptRootToken } from "../compose/root-token.ts";
import { type BrokerAddress, loadBrokerAddress } from "../config.ts";

/** What the broker answered to an operator, or that it did not; the message is for people. */
export class BrokerRefused extends Error {
  override readonly name = "BrokerRefused";
}

export interface BrokerAnswer<Data> {
  readonly data: Data;
  readonly warnings: readonly string[] | null;
}

/** One request of an operator to a running broker, at COATCHECK_ADDR. Throws `BrokerRefused`. */
export async function callBroker<Data>(
  method: "GET" | "PUT" | "DELETE",
  path: string,
  flags: { data?: string },
): Promise<BrokerAnswer<Data>> {
  const broker = loadBrokerAddress(flags);
  const { status, text } = await send(broker, method, `/v1/${path}`, broker.token ?? keptRootToken(broker.data));
  const body = parsed(text);
  if (status >= 400) throw new BrokerRefused(body?.errors?.join("; ") || `the broker answered ${status}`);
  if (!body) throw new BrokerRefused(`what answers at ${broker.address} is no broker: check COATCHECK_ADDR`);
  return body;
}

function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send({ address }: BrokerAddress, method: string, path: string, token: string) {
  const socket = address.startsWith("unix:") ? { socketPath: address.slice("unix:".length) } : {};
  const url = new URL(path, "socketPath" in socket ? "http://localhost" : address);
  const options = { ...socket, method, headers: { "x-vault-token": token } };
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, options, (response) => {
    const status = response.statusCode ?? 0;
    textOf(response).then((text) => resolve({ status, text }), reject);
  });
  request.on("error", (error: NodeJS.ErrnoException) => {
    reject(new BrokerRefused(`no broker answers at ${address} (${error.code ?? error.message}): check COATCHECK_ADDR`));
  });
  request.end();
  return promise;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
