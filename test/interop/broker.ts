import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { compose } from "../../src/compose/compose.ts";
import { parseNetworks } from "../../src/outbound/address-policy.ts";
import { createLog } from "../../src/process/log.ts";
import { freePort } from "../servers/free-port.ts";
import { type ApiAnswer, ROOT_TOKEN, request } from "../support/request.ts";

/** A broker in this process with the real clock. */
export interface RealBroker {
  readonly address: string;
  readonly callback: string;
  /** Refresh tokens in the order in which they were sent to an origin. */
  refreshTokensSentTo(origin: string): readonly string[];
  read(path: string): Promise<ApiAnswer>;
  write(path: string, body?: unknown): Promise<ApiAnswer>;
  delete(path: string): Promise<ApiAnswer>;
  close(): Promise<void>;
}

export async function startBroker(data: string): Promise<RealBroker> {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const config = { listen: [{ host: "127.0.0.1", port }], data, publicUrl, networks: parseNetworks("loopback") };
  const log = createLog("info", (line) => {
    if (process.env.INTEROP_LOG !== undefined && !line.includes('"event":"request"')) process.stderr.write(line);
  });
  const wire = watchWire();
  const running = await compose(
    { ...config, logLevel: "info", dev: false, ownerCheck: true, takeOver: false, rootToken: ROOT_TOKEN },
    log,
  );
  const call = (method: string, path: string, body?: unknown) => request(running.address, method, path, body);
  return {
    address: running.address,
    callback: `${publicUrl}/v1/oauth2/callback`,
    refreshTokensSentTo: (origin) => wire.sent.filter((one) => one.origin === origin).map(({ token }) => token),
    read: (path) => call("GET", path),
    write: (path, body = {}) => call("PUT", path, body),
    delete: (path) => call("DELETE", path),
    close: async () => {
      wire.close();
      await running.close();
    },
  };
}

const CHANNEL = "undici:request:bodyChunkSent";

/** The broker shows nobody a refresh token; whether a server rotates them is seen from what it sends. */
function watchWire() {
  const sent: { readonly origin: string; readonly token: string }[] = [];
  const see = (message: unknown) => {
    const { request, chunk } = message as { request: { origin: unknown }; chunk: unknown };
    const token = new URLSearchParams(String(chunk)).get("refresh_token");
    if (token !== null) sent.push({ origin: String(request.origin), token });
  };
  subscribe(CHANNEL, see);
  return { sent, close: () => unsubscribe(CHANNEL, see) };
}
