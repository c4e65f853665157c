import { request } from "node:http";
import type { TestContext } from "node:test";
import { compose } from "../../src/compose/compose.ts";
import { loadConfig } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import { dataFolder } from "../support/temporary-folder.ts";

export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
}

export interface Real {
  readonly address: string;
  readonly token: string;
  readonly lines: string[];
  /** A request with the token; the target is sent as it is. */
  send(method: string, target: string, body?: string | Uint8Array, type?: string): Promise<Answer>;
}

/** The whole broker over a store in a fresh folder; nothing upstream can be reached. */
export async function startReal(t: TestContext): Promise<Real> {
  const data = dataFolder(t);
  const lines: string[] = [];
  const log = createLog("info", (line) => void lines.push(line));
  const running = await compose(
    loadConfig({ listen: "127.0.0.1:0", data, publicUrl: "http://127.0.0.1:8200" }, {}),
    log,
  );
  t.after(() => running.close());
  const { address, rootToken: token } = running;
  return { address, token, lines, send: (...parts) => exchange(address, token, ...parts) };
}

function exchange(
  address: string,
  token: string,
  method: string,
  target: string,
  body?: string | Uint8Array,
  type?: string,
): Promise<Answer> {
  const { hostname: host, port } = new URL(address);
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const headers = {
    "x-vault-token": token,
    ...(bytes && { "content-length": bytes.length }),
    ...(type !== undefined && { "content-type": type }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, method, path: target, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, type: incoming.headers["content-type"], text });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(bytes);
  });
}
