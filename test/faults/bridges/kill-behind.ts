import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { scriptedServer, withNotifications } from "../../servers/mcp/scripted.ts";
import { BIN } from "../../support/bin.ts";
import { eventually } from "../../support/eventually.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { fingerprints, Instance } from "../brokers.ts";
import { storedInSqlite } from "../kill-sqlite.ts";
import { leftBehind, RESOLVED_MS } from "../load.ts";
import { ACCESS_LIFE, type Provider, randomMoment, settleProvider, startProvider } from "../provider.ts";
import { Random } from "../random.ts";
import { Agent, callsOf, errorsOf } from "./agents.ts";

export interface BridgeKills {
  readonly seed: number;
  readonly bridges: number;
  /** Ends after so many kills and so many seconds. */
  readonly kills: number;
  readonly seconds: number;
}

/** Longest that the broker is away before it is started again. Milliseconds. */
const AWAY_MS = 1_500;

/** The lease of the process that died, 20 s, and a start in the middle of everybody's calls, before it can be tried again. Milliseconds. */
const OVER_MS = 3 * RESOLVED_MS;

/** Longest that a tool takes. Milliseconds. */
const TOOL_MS = 80;

/** MCP-B5: any number of bridges share one login at a strict provider, and their broker is killed (`kill -9`) at random moments. */
export async function killBehindBridges(t: TestContext, { seed, bridges, ...least }: BridgeKills) {
  const random = new Random(seed);
  const provider = await startProvider(t, random);
  const key = randomBytes(32).toString("base64url");
  const socket = join(temporaryFolder(t), "broker.sock");
  const broker = new Instance(t, { COATCHECK_KEY: key }, temporaryFolder(t), ["--listen", `unix:${socket}`]);
  await broker.start();
  const logins = new Logins(provider, broker, socket, temporaryFolder(t));
  const { url } = await toolServer(t, random, logins);
  await logins.begin(url);
  const agents = Array.from({ length: bridges }, () => new Agent(t, [BIN, "mcp", "as"], logins.env));
  await Promise.all(agents.map((agent) => agent.begin()));
  let isOver = false;
  t.after(() => {
    isOver = true;
  });
  const working = agents.map((agent) => agent.work(random, () => isOver));
  const end = performance.now() + least.seconds * 1_000;
  let [kills, lost] = [0, 0];
  for (; kills < least.kills || performance.now() < end; kills++) {
    await randomMoment(provider, random);
    const diedAt = performance.now();
    await broker.end("SIGKILL");
    await settleProvider(provider);
    const isLost = logins.examine(key, diedAt);
    await setTimeout(random.between(0, AWAY_MS));
    await broker.start();
    if (!isLost) continue;
    lost += 1;
    await logins.again();
  }
  isOver = true;
  await Promise.all(working);
  for (const agent of agents) await eventually("its call goes through", () => agent.call(), RESOLVED_MS);
  const { recoveries, doubled } = provider.ledger.repeated();
  const calls = callsOf(agents);
  assert.deepEqual(doubled, [], "h1: a refresh token was used again though its use before was not in doubt");
  assert.equal(provider.ledger.overlaps, 0, "h2: two requests for one credential overlapped");
  assert.equal(provider.issuer.revoked(), lost, "h3: a family was revoked that no lost answer explains");
  assert.equal(calls.lost, 0, "a call got neither an answer nor an error");
  return {
    kills,
    refreshes: provider.ledger.rotations,
    replays: recoveries,
    revokedOnTheWire: lost,
    revokedOtherwise: provider.issuer.revoked() - lost,
    ...calls,
    said: errorsOf(agents),
  };
}

/** The one login that all bridges share, as `coatcheck login` keeps it; a person signs in again where it was lost. */
class Logins {
  readonly env: Record<string, string>;
  readonly #provider: Provider;
  readonly #broker: Instance;
  readonly #socket: string;
  readonly #state: string;
  /** Names in the ledger; the last one is used now. */
  readonly #names: string[] = [];
  /** The first access token of each, until when it is good: the ledger knows those of refreshes alone. Monotonic milliseconds. */
  readonly #first = new Map<string, number>();
  #secret = "";

  constructor(provider: Provider, broker: Instance, socket: string, home: string) {
    this.#provider = provider;
    this.#broker = broker;
    this.#socket = socket;
    this.#state = join(home, "state/coatcheck");
    for (const path of [this.#state, join(home, "run")]) mkdirSync(path, { recursive: true, mode: 0o700 });
    const folder = (name: string) => join(home, name);
    this.env = {
      HOME: home,
      XDG_STATE_HOME: folder("state"),
      XDG_CONFIG_HOME: folder("config"),
      XDG_RUNTIME_DIR: folder("run"),
    };
    provider.login = async () => {
      const [refresh_token, access_token] = [await provider.issuer.grant(), randomUUID()];
      this.#names.push(`login-${this.#names.length + 1}`);
      provider.ledger.enrol(this.#name, refresh_token);
      this.#first.set(access_token, performance.now() + ACCESS_LIFE * 1_000);
      return { access_token, token_type: "Bearer", expires_in: ACCESS_LIFE, refresh_token };
    };
  }

  get #name(): string {
    return this.#names.at(-1) ?? "";
  }

  async begin(mcp: string): Promise<void> {
    const { as, issuer } = this.#provider;
    as.tokens.interval = 1;
    const url = (path: string) => as.issuer + path;
    const provider_options = {
      token_url: url("/token"),
      revocation_url: url("/revoke"),
      device_code_url: url("/device"),
    };
    const record = { provider: "custom", client_id: issuer.clientId, provider_options, proxy_apis: { mcp } };
    const written = await this.#broker.call("PUT", "servers/as", record);
    assert.equal(written?.status, 204, JSON.stringify(written));
    await this.#signIn();
  }

  async #signIn(): Promise<void> {
    const { body } = await this.#broker.session("POST", "/sessions", ROOT_TOKEN, { server: "as" });
    this.#secret = String(body.session_id);
    await eventually("the login is approved", async () => (await this.#status()).status === "active", RESOLVED_MS);
    const kept = { broker: `unix:${this.#socket}`, server: "as", session: this.#secret, id: "login", scopes: [] };
    const path = join(this.#state, "sessions.json");
    writeFileSync(`${path}.new`, JSON.stringify({ version: 1, sessions: { as: kept } }), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  async #status(): Promise<Record<string, unknown>> {
    return (await this.#broker.session("GET", "/session", this.#secret)).body;
  }

  /** Whether a token of the API is good now. */
  isGood(token: string): boolean {
    const issued = this.#names.map((name) => this.#provider.ledger.issuedTo(name, token)?.expiresAt);
    const until = this.#first.get(token) ?? issued.find((one) => one !== undefined) ?? 0;
    return performance.now() < until;
  }

  /** Whether the answer to a rotation was lost with the process that died then: it is stored nowhere. */
  examine(key: string, diedAt: number): boolean {
    const rows = storedInSqlite(this.#broker.data);
    const fingerprint = fingerprints(rows, key);
    const tokens = new Map(this.#provider.ledger.tokensOf(this.#name).map((token) => [fingerprint(token), token]));
    const row = rows.find(({ kind, lineage }) => kind === "creds" && tokens.has(lineage ?? ""));
    const token = tokens.get(row?.lineage ?? "");
    assert.ok(row && token !== undefined, "the login is stored");
    const remains = { name: this.#name, token, rescued: this.#broker.rescued(), diedAt };
    return leftBehind(this.#provider, row, remains) === "orphan";
  }

  /** The login says that it is lost, and why; a person signs in anew. */
  async again(): Promise<void> {
    const reason = await eventually("the login is over", async () => (await this.#status()).reason, OVER_MS);
    assert.equal(reason, "lost_in_rotation");
    await this.#signIn();
  }
}

/** An MCP server whose tool answers what it is told, to whoever has a token that is good. */
function toolServer(t: TestContext, random: Random, logins: Logins) {
  return scriptedServer(
    t,
    withNotifications(async ({ method, headers, body }) => {
      if (method !== "POST") return { status: 405 };
      if (!logins.isGood(headers.authorization?.slice("Bearer ".length) ?? "")) return { status: 401 };
      if (body.method === "initialize") return { result: HELLO };
      await setTimeout(random.between(0, TOOL_MS));
      const { arguments: said } = body.params;
      return { result: { content: [{ type: "text", text: JSON.stringify(said) }] } };
    }),
  );
}

const HELLO = {
  protocolVersion: "2025-11-25",
  capabilities: { tools: {} },
  serverInfo: { name: "tools", version: "1" },
};
