import assert from "node:assert/strict";
import { createConnection } from "node:net";
import type { TestContext } from "node:test";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { NO_ACCESS, NO_AUTH, NO_MOUNT_CHANGES } from "../../scripts/no-access.ts";
import type { Authenticate } from "../../src/access/authenticator.ts";
import type { Acl } from "../../src/access/policy/acl.ts";
import { createRecognizer, hashToken, newToken } from "../../src/access/root-token.ts";
import { Audit } from "../../src/audit/audit.ts";
import { MountTable, placeOfMount } from "../../src/broker/process/mount-table.ts";
import { docsContent } from "../../src/compose/docs-files.ts";
import { walkFiles } from "../../src/compose/walk-files.ts";
import { withAnswers } from "../../src/http/answer/describe.ts";
import { buildApp, type Health, openapiDocument } from "../../src/http/app.ts";
import type { Demo, Simulator } from "../../src/http/app-types.ts";
import { VERSION } from "../../src/process/version.ts";
import { portOf } from "../servers/free-port.ts";
import { type Calls, NOW, recordedBroker } from "./recorded-broker.ts";

export interface Line {
  readonly event: string;
  readonly fields: unknown;
}

export interface Started {
  readonly app: FastifyInstance;
  readonly token: string;
  readonly calls: Calls;
  readonly lines: Line[];
  /** A request with the token. */
  send(options: InjectOptions): Promise<LightMyRequestResponse>;
}

interface StartOptions {
  readonly health?: Partial<Health>;
  readonly mounts?: readonly string[];
  /** Paths of mounts that the API made. */
  readonly made?: readonly string[];
  /** What the token may do; by default everything. */
  readonly acl?: Acl;
  readonly simulators?: readonly Simulator[];
  readonly demo?: () => Demo;
}

/** The app over recorded answers, closed with the test. */
export function start(t: TestContext, options: StartOptions = {}): Started {
  const { broker, calls } = recordedBroker();
  const token = newToken();
  const recognize = createRecognizer(hashToken(token));
  const lines: Line[] = [];
  const write = (event: string, fields?: unknown) => void lines.push({ event, fields });
  const app = buildApp({
    broker,
    access: NO_ACCESS,
    auth: NO_AUTH,
    audit: new Audit(),
    authenticate: withAcl(async (given) => recognize(given), options.acl),
    clock: {
      now: () => NOW,
      monotonic: () => 0,
      after: (milliseconds, callback) => {
        const timer = setTimeout(callback, milliseconds);
        return () => clearTimeout(timer);
      },
    },
    logger: { info: write, warn: write, error: write },
    limiter: { take: () => 0 },
    mounts: mountsOf(options),
    mountChanges: NO_MOUNT_CHANGES,
    health: () => ({ initialized: true, sealed: false, storeDown: false, copy: false, ...options.health }),
    providers: { ids: () => [], read: () => undefined },
    activity: async () => ({
      gauges: { operations: 0, refreshes: 0, waiting: 0, programs: 0, paused: 0, copy: false, moved: false },
      hour: [],
      day: [],
      calls: [],
    }),
    metrics: async () => "coatcheck_attempts_total 0\n",
    handOver: { go: async () => 0 },
    keys: {
      status: async () => ({ keys: [{ id: "0a", use: "seals", records: 3 }], countedAt: NOW, left: 0 }),
      rotateMount: async (mount: string) => `0c ${mount}`,
      rotate: async () => "0b",
      forget: async () => {},
    },
    walkFiles,
    docs: async () => docsContent(),
    simulators: options.simulators ?? [],
    ...(options.demo && { demo: options.demo }),
    clusterId: "6a1d3f60-0f4e-4a54-9d2b-1f2e3d4c5b6a",
    storageType: "file",
    version: VERSION,
  });
  const undocumented = watchStatuses(app);
  t.after(async () => {
    await app.close();
    assert.deepEqual([...undocumented], []);
  });
  const send = (request: InjectOptions) =>
    app.inject({ ...request, headers: { "x-vault-token": token, ...request.headers } });
  return { app, token, calls, lines, send };
}

function mountsOf({ mounts = ["oauth2", "secret/oauth"], made = [] }: StartOptions): MountTable {
  const table = new MountTable(mounts);
  const settings = { description: "", defaultTtl: 0, maxTtl: 0 };
  void table.renew(async () => ({
    made: made.map((path) => ({ place: placeOfMount(path), path, made: { uuid: path, accessor: path, ...settings } })),
    ended: [],
  }));
  return table;
}

/** What was answered with a status that the OpenAPI document does not have for that route. */
function watchStatuses(app: FastifyInstance): ReadonlySet<string> {
  const undocumented = new Set<string>();
  app.addHook("onResponse", async ({ method, is404, routeOptions: { url, schema } }, { statusCode }) => {
    const { response: known = {} } = withAnswers(schema ?? {});
    if (is404 || (schema as { hide?: boolean })?.hide || statusCode in known || "default" in known) return;
    undocumented.add(`${method} ${url}: ${statusCode}`);
  });
  return undocumented;
}

function withAcl(authenticate: Authenticate, acl: Acl | undefined): Authenticate {
  return async (token) => {
    const identity = await authenticate(token);
    return identity && acl ? { ...identity, acl } : identity;
  };
}

export interface DocumentedRoute {
  readonly method: string;
  /** With names in braces, as `{name}`. */
  readonly url: string;
}

/** Every route, as the OpenAPI document has it. */
export async function documentedRoutes(app: FastifyInstance): Promise<readonly DocumentedRoute[]> {
  const { paths = {} } = await openapiDocument(app);
  return Object.entries(paths).flatMap(([url, operations]) =>
    Object.keys(operations ?? {}).map((method) => ({ method: method.toUpperCase(), url })),
  );
}

export async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: "127.0.0.1" });
  return portOf(app.server);
}

/** Writes the packets one after the other, each in its own segment, and collects everything until the server closes. */
export function converse(port: number, packets: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
    let text = "";
    socket.setTimeout(8_000, () => socket.destroy(new Error(`no end; got: ${text}`)));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
    const write = (index: number) => {
      const packet = packets[index];
      if (packet === undefined) return;
      socket.write(packet, () => setTimeout(() => write(index + 1), 30));
    };
    socket.on("connect", () => write(0));
  });
}
