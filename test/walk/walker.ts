import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import type { Profile } from "../../src/dev/matrix/profile.ts";
import { sayWalk } from "../../src/messages/walk/index.ts";
import { MATRIX_CLIENT } from "../../src/providers/matrix-client.ts";
import {
  discover,
  type Exchange,
  poll,
  register,
  requestDevice,
  type StepResult,
  type WalkState,
  type World,
} from "../../src/walk/index.ts";
import { type QuirkServer, type QuirkServerOptions, quirkServer } from "../servers/matrix/quirk-server.ts";
import { FakeClock } from "../support/fake-clock.ts";

type Step<Input> = (state: WalkState, input: Input, world: World) => Promise<StepResult>;

/** Somebody who takes the steps at a server of one kind, on a clock that only they move. */
export class Walker {
  readonly server: QuirkServer;
  readonly clock = new FakeClock();
  readonly world: World;
  readonly exchanges: Exchange[] = [];
  state: WalkState = {};

  private constructor(server: QuirkServer, clock: FakeClock) {
    this.server = server;
    this.clock = clock;
    const random = (length: number) => randomBytes(length);
    this.world = { fetch: (url, init) => fetch(url, init), now: () => clock.now(), random, allowHttp: true };
  }

  static async at(t: TestContext, profile: Profile, options: QuirkServerOptions = {}): Promise<Walker> {
    const clock = new FakeClock();
    return new Walker(await quirkServer(t, profile, { now: () => clock.now(), ...options }), clock);
  }

  async take<Input>(step: Step<Input>, input: Input): Promise<StepResult> {
    const done = await step(this.state, input, this.world);
    this.exchanges.push(...done.exchanges);
    this.state = done.state;
    return done;
  }

  /** A step that must succeed. */
  async pass<Input>(step: Step<Input>, input: Input): Promise<StepResult> {
    const done = await this.take(step, input);
    assert.ok(done.ok, JSON.stringify(done.findings));
    return done;
  }

  async registered(): Promise<void> {
    await this.pass(discover, { homeserver: this.server.baseUrl });
    await this.pass(register, { body: MATRIX_CLIENT });
  }

  wait(seconds: number): void {
    this.clock.advance(seconds * 1000);
  }

  /** All but the last steps: registered, approved, tokens there. */
  async signedIn(): Promise<void> {
    await this.registered();
    await this.pass(requestDevice, {});
    this.server.deviceCodes.approve(String(this.state.device?.authorization.userCode), "alice");
    this.wait(5);
    await this.pass(poll, {});
  }
}

/** Texts of what was found out. */
export const textsOf = ({ findings }: StepResult): string =>
  findings.map(({ kind, said, link = "" }) => `${kind}: ${sayWalk("en", said)} ${link}`.trimEnd()).join("\n");
