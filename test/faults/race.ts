import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { json } from "../servers/faults.ts";
import type { Fault } from "../servers/misbehaving.ts";
import { type Pair, startDevice, startPair } from "../support/misbehaving.ts";
import { turns } from "../support/turns.ts";
import { Random } from "./random.ts";

/** Seconds; a read asks for more than what is left after a minute, so it refreshes. */
const LIFE = 600;
const MINUTE_MS = 60_000;
const WANTED = 590;

/** Longer than the interval of a device flow. Milliseconds. */
const POLL_MS = 6_000;

/** Most turns of the event loop before the write, and of the provider before it commits and before it answers. */
const TURNS = 40;

const CREDENTIAL = "oauth2/creds/me";

/** C06: a delete or a rewrite at any moment of a refresh or a poll; no late answer undoes what was acknowledged. */
export async function raceWrites(t: TestContext, { seed, rounds }: { seed: number; rounds: number }) {
  const race = new Race(await startPair(t), new Random(seed));
  for (let round = 0; round < rounds; round++) await race.round(round);
  return { rounds, ...(await race.end()) };
}

class Race {
  /** Writes that were acknowledged while the provider had the refresh or the poll in hand. */
  #overtaken = 0;
  /** Reads after an acknowledgement: each saw what was acknowledged. */
  #reads = 0;
  /** Requests that came to the provider, and those that it has in hand. */
  #arrived = 0;
  #inHand = 0;
  readonly #pair: Pair;
  readonly #random: Random;
  /** Whose tokens these are: of a grant, by name; device codes belong to the flow of the round. */
  readonly #owners = new Map<string, string>();
  readonly #newest = new Map<string, string>();
  readonly #deleted: string[] = [];
  #flow = "";

  constructor(pair: Pair, random: Random) {
    this.#pair = pair;
    this.#random = random;
    pair.as.tokens.accessLife = LIFE;
    pair.as.tokens.approved = true;
    pair.as.reply("/token", this.#whenever());
  }

  /** Commits some turns after the request, and answers some turns after that. */
  #whenever(): Fault {
    return async (exchange) => {
      this.#arrived += 1;
      this.#inHand += 1;
      const grant = this.#owners.get(exchange.form.get("refresh_token") ?? "") ?? this.#flow;
      await this.#someTurns();
      const { status, body } = exchange.proper();
      this.#note(grant, body.refresh_token);
      if (typeof body.access_token === "string") this.#owners.set(body.access_token, grant);
      await this.#someTurns();
      this.#inHand -= 1;
      return json(status, body)(exchange);
    };
  }

  #note(grant: string, refreshToken: unknown): void {
    if (typeof refreshToken !== "string") return;
    this.#owners.set(refreshToken, grant);
    this.#newest.set(grant, refreshToken);
  }

  #someTurns(): Promise<void> {
    return turns(Math.floor(this.#random.between(0, TURNS)));
  }

  async round(round: number): Promise<void> {
    const old = `old-${round}`;
    const polls = this.#random.next() < 0.5;
    const { ended } = polls ? await this.#poll(old) : await this.#refresh(old);
    if (polls) await this.#arrives();
    await this.#someTurns();
    if (this.#random.next() < 0.5) await this.#delete(old, ended);
    else await this.#rewrite(`new-${round}`, ended, polls ? old : undefined);
  }

  /** The provider has a request in hand, or had. */
  async #arrives(): Promise<void> {
    const before = this.#arrived;
    for (let left = 20 * TURNS; left > 0 && this.#inHand === 0 && this.#arrived === before; left--) await turns(1);
  }

  async #connect(grant: string): Promise<void> {
    const refresh_token = this.#pair.as.tokens.grant();
    this.#note(grant, refresh_token);
    assert.equal((await this.#pair.write(CREDENTIAL, { server: "as", refresh_token })).status, 204);
  }

  async #refresh(grant: string): Promise<{ readonly ended: Promise<unknown> }> {
    await this.#connect(grant);
    this.#pair.clock.advance(MINUTE_MS);
    return { ended: this.#pair.read(`${CREDENTIAL}?minimum_seconds=${WANTED}`) };
  }

  async #poll(grant: string): Promise<{ readonly ended: Promise<unknown> }> {
    this.#flow = grant;
    assert.equal((await startDevice(this.#pair)).status, 200);
    return { ended: this.#pair.pass(POLL_MS) };
  }

  async #delete(grant: string, ended: Promise<unknown>): Promise<void> {
    assert.ok([200, 204].includes((await this.#pair.delete(CREDENTIAL)).status));
    if (this.#inHand > 0) this.#overtaken += 1;
    this.#deleted.push(grant);
    await this.#look(async () => {
      assert.equal((await this.#pair.read(CREDENTIAL)).status, 404, "I7: there again after its delete");
    }, ended);
  }

  async #rewrite(grant: string, ended: Promise<unknown>, flow: string | undefined): Promise<void> {
    await this.#connect(grant);
    if (this.#inHand > 0) {
      this.#overtaken += 1;
      // A late flow is nobody's; what was issued before it was rewritten may be the very grant that replaced it.
      if (flow !== undefined) this.#deleted.push(flow);
    }
    await this.#look(async () => {
      const { status, body } = await this.#pair.read(CREDENTIAL);
      assert.equal(status, 200);
      assert.equal(this.#owners.get(String(body?.data?.access_token)), grant, "I7: a token of the grant before");
    }, ended);
    assert.ok(this.#isAlive(grant), "the new grant was harmed");
    await this.#pair.delete(CREDENTIAL);
    this.#deleted.push(grant);
  }

  /** After the acknowledgement, while the late answer comes, and after that. */
  async #look(look: () => Promise<void>, ended: Promise<unknown>): Promise<void> {
    for (let times = 0; times < 3; times++) await look();
    this.#reads += 4;
    await ended;
    await turns();
    await look();
  }

  #isAlive(grant: string): boolean {
    return this.#pair.as.tokens.isGood(this.#newest.get(grant) ?? "");
  }

  async end() {
    await this.#pair.pass(2 * MINUTE_MS);
    const outlived = this.#deleted.filter((grant) => this.#isAlive(grant));
    assert.deepEqual(outlived, [], "the provider still honours a grant whose credential was deleted");
    return { overtaken: this.#overtaken, readsAfterwards: this.#reads, grantsRevoked: this.#deleted.length };
  }
}
