import assert from "node:assert/strict";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { hang, html } from "../servers/faults.ts";
import type { Misbehaving } from "../servers/misbehaving.ts";
import { configure, importGrant, type Pair, startPair } from "../support/misbehaving.ts";

/** Seconds. */
const LIFE = 100;

/** FC-32: how soon after the provider's return a reader has a token. Milliseconds. */
const SOON_MS = 5_000;

/** A read ends within this time (vault-http.md 1.1). Milliseconds. */
const LONGEST_READ_MS = 9_000;

/** One for each 5 s, and those by which the outage is noticed. */
const mostRequests = (seconds: number) => seconds / 5 + 10;

/** A way for a provider to be away; `begin` answers how it comes back. */
type Outage = (t: TestContext, pair: Pair) => Promise<{ begin(): Promise<() => Promise<void>> }>;

const refused: Outage = async (t, pair) => {
  const wire = await startWire(t, pair.as);
  await configure(pair, pair.as, { provider_options: { token_url: `${wire.origin}/token` } });
  return { begin: wire.close };
};

const answering =
  (how: typeof hang): Outage =>
  async (_t, { as }) => ({
    begin: async () => {
      as.reply("/token", how);
      return async () => as.behave();
    },
  });

const OUTAGES = { refused, "503": answering(html(503)), silent: answering(hang) };

/** A wire to a provider whose port can be closed, and opened again. */
async function startWire(t: TestContext, { issuer }: Misbehaving) {
  const { hostname, port: there } = new URL(issuer);
  const sockets = new Set<Socket>();
  let server: Server;
  const open = async (port: number): Promise<number> => {
    server = createServer((near) => {
      const far = connect(Number(there), hostname);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on("error", () => {}).on("close", () => sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((done) => server.listen(port, hostname, done));
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  };
  const shut = async () => {
    const closed = new Promise((done) => server.close(done));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const port = await open(0);
  t.after(shut);
  const close = async () => {
    await shut();
    return async () => void (await open(port));
  };
  return { origin: `http://${hostname}:${port}`, close };
}

interface Read {
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly status: number;
  readonly retryAfter: number;
}

/** A reader asks each second, whatever it is told. */
class Reader {
  readonly #reads: Read[] = [];
  readonly #pair: Pair;
  #underWay = 0;

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  async seconds(count: number): Promise<void> {
    for (let left = count; left > 0; left--) {
      void this.#read();
      await this.#pair.pass(1_000);
    }
  }

  async #read(): Promise<void> {
    const { clock } = this.#pair;
    const askedAt = clock.now();
    this.#underWay += 1;
    const { status, headers } = await this.#pair.read("oauth2/creds/me");
    this.#underWay -= 1;
    const retryAfter = Number(headers.get("retry-after") ?? 0);
    this.#reads.push({ askedAt, answeredAt: clock.now(), status, retryAfter });
  }

  /** Until the last one has been answered: all, in the order of their answers. */
  async end(): Promise<readonly Read[]> {
    while (this.#underWay > 0) await this.#pair.pass(1_000);
    return this.#reads;
  }
}

/** A request that never reached the provider: only the log tells of it. */
function isUnsent(line: string): boolean {
  return line.includes('"event":"upstream_failed"') && line.includes('"sent":false');
}

/** An outage of so many seconds, begun so many seconds after a token was issued: what its readers and the provider saw of it. */
export async function outage(
  t: TestContext,
  how: keyof typeof OUTAGES,
  { seconds, after }: Record<"seconds" | "after", number>,
) {
  const pair = await startPair(t);
  const { as, clock, logged } = pair;
  as.tokens.accessLife = LIFE;
  const { begin } = await OUTAGES[how](t, pair);
  await importGrant(pair);
  const reader = new Reader(pair);
  const requests = () => logged.filter(isUnsent).length + as.to("/token").length;
  await reader.seconds(after);
  const before = requests();
  const end = await begin();
  await reader.seconds(seconds);
  const sent = requests() - before;
  await end();
  const backAt = clock.now();
  await reader.seconds(SOON_MS / 1000);
  const soon = await reader.end();
  const [good] = soon.filter(({ status, answeredAt }) => status === 200 && answeredAt >= backAt);
  assert.ok(good && good.answeredAt - backAt <= SOON_MS, `no token within ${SOON_MS} ms of the provider's return`);
  const late = soon.filter(({ askedAt, status }) => askedAt > good.answeredAt && status !== 200);
  assert.deepEqual(late, [], "whoever asks after that has one");
  assert.ok(sent <= mostRequests(seconds), `${sent} requests in ${seconds} s`);
  const longest = Math.max(...soon.map(({ askedAt, answeredAt }) => answeredAt - askedAt));
  assert.ok(longest <= LONGEST_READ_MS, `a read took ${longest} ms`);
  const told = soon.flatMap(({ status, retryAfter }) => (status === 503 ? [retryAfter] : []));
  assert.ok(Math.min(...told) >= 1 && Math.max(...told) <= SOON_MS / 1000, `Retry-After: ${new Set(told)}`);
  assert.equal(as.tokens.revoked, 0);
  return { refused: told.length, requests: sent, backAfterMs: good.answeredAt - backAt };
}

/** The outages of FC-32 and when they begin in the life of a token, by how the provider is away. */
export async function outages(t: TestContext, how: keyof typeof OUTAGES, seconds: number) {
  const seen: Record<string, string> = {};
  for (const after of [5, 45, 85]) {
    const { refused, requests, backAfterMs } = await outage(t, how, { seconds, after });
    seen[`after ${after} s`] =
      `${requests} requests, ${refused} reads refused, a token ${backAfterMs} ms after the return`;
  }
  return seen;
}
