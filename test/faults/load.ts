import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fingerprints, type Instance, type StoredRow } from "./brokers.ts";
import type { Provider } from "./provider.ts";
import type { Random } from "./random.ts";

/** After the end of the faults nobody has to hurry. Seconds. */
const LONG_LIFE = 3_600;

/** Longest time in which what a crash put in doubt must be resolved, by the promise. Milliseconds. */
export const RESOLVED_MS = 30_000;

/** An answer is stored within this time after the provider sent it, or is on the wire still. Milliseconds. */
const WIRE_MS = 1_000;

/** Credentials that are read and refreshed through any of some instances, and what became of their grants. */
export class Load {
  /** Reads that were given a token. */
  handedOut = 0;
  readonly names: readonly string[];
  /** Grants whose read said `lost_in_rotation`, by their newest token at the provider. */
  readonly #lost = new Set<string>();
  /** Old tokens of rotations whose answer no process stored, by the provider's log and the rows. */
  readonly #orphans = new Set<string>();
  /** Names of those that wait for a person. */
  readonly #orphaned = new Set<string>();
  /** The token that a name had in doubt when it was examined last. */
  readonly #doubtful = new Map<string, string>();
  readonly #provider: Provider;
  readonly #instances: readonly Instance[];
  readonly #random: Random;
  readonly #key: string;
  /** The refresh token beside the newest access token that a reader was given. */
  readonly #seen = new Map<string, string>();
  #fingerprint: ((token: string) => string) | undefined;
  #reading = true;
  #readers: readonly Promise<void>[] = [];

  constructor(
    provider: Provider,
    instances: readonly Instance[],
    random: Random,
    { key, credentials }: { key: string; credentials: number },
  ) {
    this.#provider = provider;
    this.#instances = instances;
    this.#random = random;
    this.#key = key;
    this.names = Array.from({ length: credentials }, (_, index) => `grant-${index}`);
  }

  async begin(t: TestContext, readers = 2): Promise<void> {
    t.after(() => {
      this.#reading = false;
    });
    const { as, issuer } = this.#provider;
    const url = (path: string) => as.issuer + path;
    const provider_options = {
      token_url: url("/token"),
      revocation_url: url("/revoke"),
      device_code_url: url("/device"),
    };
    const server = { provider: "custom", client_id: issuer.clientId, provider_options };
    assert.equal((await this.anybody("PUT", "servers/as", server)).status, 204);
    await Promise.all(this.names.map((name) => this.connect(name)));
    this.#readers = Array.from({ length: readers }, () => this.#read());
  }

  /** A person signs in: the name gets a new grant. */
  async connect(name: string): Promise<void> {
    const refresh_token = await this.#provider.issuer.grant();
    this.#provider.ledger.enrol(name, refresh_token);
    assert.equal((await this.anybody("PUT", `creds/${name}`, { server: "as", refresh_token })).status, 204);
  }

  /** Reads at random; whoever is given a token must find its refresh token stored from then on (I1, h4). */
  async #read(): Promise<void> {
    while (this.#reading) {
      const name = this.#random.pick(this.names);
      const asked = performance.now();
      const answer = await this.#random.pick(this.#instances).call("GET", `creds/${name}`);
      if (answer?.status === 200) this.#noteHandOut(name, String(answer.body?.data?.access_token), asked);
      await setTimeout(this.#random.between(10, 60));
    }
  }

  #noteHandOut(name: string, accessToken: string, asked: number): void {
    const issued = this.#provider.ledger.issuedTo(name, accessToken);
    assert.ok(issued !== undefined, `${name} was given a token that is not its own`);
    const { refreshToken: partner, expiresAt } = issued;
    assert.ok(
      asked < expiresAt,
      `${name} was given a token that had expired ${asked - expiresAt} ms before it was asked for`,
    );
    const tokens = this.#provider.ledger.tokensOf(name);
    if (tokens.indexOf(partner) > tokens.indexOf(this.#seen.get(name) ?? "")) this.#seen.set(name, partner);
    this.handedOut += 1;
  }

  /** A request to an instance that runs, repeated while none answers. */
  async anybody(method: string, path: string, body?: unknown) {
    for (let left = 100; left > 0; left--) {
      const up = this.#instances.filter(({ runs }) => runs);
      const answer = up.length > 0 ? await this.#random.pick(up).call(method, path, body) : undefined;
      if (answer) return answer;
      await setTimeout(100);
    }
    throw new Error("no instance answers");
  }

  storedToken(row: StoredRow, rows: readonly StoredRow[]): string | undefined {
    this.#fingerprint ??= fingerprints(rows, this.#key);
    const fingerprint = this.#fingerprint;
    return this.#provider.ledger.tokensOf(row.name).findLast((token) => fingerprint(token) === row.lineage);
  }

  /**
   * What a dead process left, judged from rows that nobody works on: credentials whose refresh was under way. Where the
   * answer to the provider's latest rotation is stored nowhere it is an orphan: nobody can know the successor any more.
   * Answers the names in doubt.
   */
  examine({ rows, left, rescued, diedAt }: Remains): readonly string[] {
    const stored = new Set(rows.filter(({ kind }) => kind === "creds").map(({ name }) => name));
    const missing = this.names.filter((name) => !stored.has(name));
    assert.deepEqual(missing, [], "credentials whose write was acknowledged are not stored");
    const doubtful: string[] = [];
    for (const row of left) {
      const token = this.storedToken(row, rows);
      if (row.kind !== "creds" || token === undefined) continue;
      this.#requireSeen(row, token, rescued);
      if (row.intent === null) continue;
      doubtful.push(row.name);
      this.#doubtful.set(row.name, token);
      if (leftBehind(this.#provider, row, { name: row.name, token, rescued, diedAt }) !== "orphan") continue;
      this.#orphans.add(token);
      this.#orphaned.add(row.name);
    }
    return doubtful;
  }

  #requireSeen(row: StoredRow, token: string, rescued: ReadonlySet<string>): void {
    const seen = this.#seen.get(row.name);
    const tokens = this.#provider.ledger.tokensOf(row.name);
    const durable = tokens.indexOf(token) >= tokens.indexOf(seen ?? "") || rescued.has(row.id);
    assert.ok(durable, `I1: a token of ${row.name} was handed out whose refresh token is not stored`);
  }

  /** Each refresh that was in doubt ends: with a new pair, or as `lost_in_rotation` where h9 says so, and only there. */
  async resolve(doubtful: readonly string[], limit: number): Promise<void> {
    const end = performance.now() + limit;
    for (const name of doubtful) {
      while (!(await this.#isResolved(name))) {
        assert.ok(performance.now() < end, `${name} is still in doubt after ${limit} ms`);
        await setTimeout(50);
      }
    }
    for (const name of this.#orphaned) await this.connect(name);
    this.#orphaned.clear();
  }

  async #isResolved(name: string): Promise<boolean> {
    const { status, body } = await this.anybody("GET", `creds/${name}`);
    const reason = body?.data?.reason;
    const orphaned = this.#orphaned.has(name);
    if (status !== 400) return !orphaned && status === 200 && this.#isLater(name, String(body?.data?.access_token));
    assert.equal(reason, "lost_in_rotation", `${name}: ${JSON.stringify(body)}`);
    assert.ok(orphaned, `h9: ${name} was called lost, but its answer had not gone astray`);
    this.#lost.add(this.#provider.ledger.current(name));
    return true;
  }

  /** Whether an access token came with a successor of the token in doubt. */
  #isLater(name: string, accessToken: string): boolean {
    const { ledger } = this.#provider;
    const tokens = ledger.tokensOf(name);
    const { refreshToken = "" } = ledger.issuedTo(name, accessToken) ?? {};
    return tokens.indexOf(refreshToken) > tokens.indexOf(this.#doubtful.get(name) ?? "");
  }

  #isNewest(name: string, accessToken: unknown): boolean {
    return accessToken !== undefined && this.#provider.ledger.lastOf(name)?.accessToken === accessToken;
  }

  /** The faults are over: every credential ends with the newest token of its grant, and the grant works. */
  async end(limit: number): Promise<void> {
    this.#reading = false;
    await Promise.all(this.#readers);
    this.#provider.issuer.accessLife = LONG_LIFE;
    const end = performance.now() + limit;
    await Promise.all(this.names.map((name) => this.#endsFresh(name, end)));
  }

  async #endsFresh(name: string, end: number): Promise<void> {
    const { issuer, ledger } = this.#provider;
    for (;;) {
      const { status, body } = await this.anybody("GET", `creds/${name}?minimum_seconds=60`);
      if (status === 200 && this.#isNewest(name, body?.data?.access_token)) break;
      assert.ok(performance.now() < end, `h8: ${name} ended with ${status} ${JSON.stringify(body)}`);
      await setTimeout(50);
    }
    assert.ok(await issuer.isGood(ledger.current(name)), `h8: the grant of ${name} is dead at the provider`);
  }

  /** The rules of the checker over the provider's log. */
  judge(): Judged {
    const { issuer, ledger } = this.#provider;
    const { recoveries, doubled } = ledger.repeated();
    assert.deepEqual(doubled, [], "h1: a refresh token was used again though its use before was not in doubt");
    assert.equal(ledger.overlaps, 0, "h2: two requests for one credential overlapped");
    assert.equal(issuer.revoked(), this.#orphans.size, "h3: a family was revoked that no lost answer explains");
    assert.equal(this.#lost.size, this.#orphans.size, "h9: lost_in_rotation = rotations without a stored answer");
    return {
      refreshes: ledger.rotations,
      handedOut: this.handedOut,
      replays: recoveries,
      usedTwice: doubled.length,
      lost: this.#lost.size - this.#orphans.size,
      lostOnTheWire: this.#orphans.size,
      working: this.names.length,
    };
  }
}

interface Left extends Pick<Remains, "rescued" | "diedAt"> {
  /** In the ledger. */
  readonly name: string;
  /** The one that is stored. */
  readonly token: string;
}

/** What a dead process has left of a refresh: `orphan`: the provider has rotated, and the answer is stored nowhere (h9). */
export function leftBehind(
  { ledger, issuer }: Pick<Provider, "ledger" | "issuer">,
  { id, intent, escrow }: StoredRow,
  { name, token, rescued, diedAt }: Left,
): "nothing" | "answer" | "doubt" | "orphan" {
  if (intent === null) return "nothing";
  if (escrow !== null || rescued.has(id)) return "answer";
  ledger.inDoubt(token);
  if (token === ledger.current(name) || issuer.forgives) return "doubt";
  const answeredAt = ledger.lastOf(name)?.endedAt ?? diedAt;
  assert.ok(answeredAt > diedAt - WIRE_MS, `h9: an answer for ${name} had come ${diedAt - answeredAt} ms before`);
  return "orphan";
}

export interface Remains {
  /** All rows of the store. */
  readonly rows: readonly StoredRow[];
  /** Those that nobody works on. */
  readonly left: readonly StoredRow[];
  /** Ids of rows with an answer in a rescue journal. */
  readonly rescued: ReadonlySet<string>;
  /** Just before the process was killed or stopped. */
  readonly diedAt: number;
}

export interface Judged {
  readonly refreshes: number;
  readonly handedOut: number;
  /** Refresh tokens presented again because nobody had the first answer. */
  readonly replays: number;
  readonly usedTwice: number;
  readonly lost: number;
  readonly lostOnTheWire: number;
  /** Credentials whose grant and token worked at the end: all. */
  readonly working: number;
}
