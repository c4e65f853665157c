/** The guided walk in a terminal: the order of its steps, and how one is waited for. The steps themselves are src/walk's. */
import type { StepName } from "../../api/walk.ts";
import * as walk from "../../compose/walk.ts";
import { CliError, EXIT, usage } from "../frame/fail.ts";
import { interruption } from "../frame/interrupts.ts";
import type { Output } from "../frame/output.ts";
import { qrCode, terminalRoom } from "../terminal/qr-code.ts";
import type { Transcript } from "./transcript.ts";
import { readLine, until } from "./wait.ts";

export interface WalkFlags {
  readonly deviceId?: string;
  readonly metadata: readonly string[];
  readonly scope?: string;
  readonly olderServers?: boolean;
  readonly codeFlow?: boolean;
  readonly redirectUri: string;
  readonly prompt?: string;
  /** The last step that is taken; a login is revoked all the same. */
  readonly until?: StepName;
  readonly stepByStep?: boolean;
}

interface Surroundings {
  /** The homeserver plays: somebody has to decide for its user. */
  readonly simulated: boolean;
  readonly transcript: Transcript;
  /** `after` is not ended by an interrupt: what was got is revoked by it. */
  readonly worlds: { readonly during: walk.World; readonly after: walk.World };
  readonly signal: AbortSignal;
}

type Step<Input> = (state: walk.WalkState, input: Input, world: walk.World) => Promise<walk.StepResult>;

/** One walk: where it is, and how it goes on. */
interface WalkUnderWay extends Surroundings {
  readonly out: Output;
  readonly flags: WalkFlags;
  state: walk.WalkState;
}

/** All steps in their order; whatever ends them, a login that was made is revoked. */
export async function takeSteps(out: Output, homeserver: string, flags: WalkFlags, more: Surroundings): Promise<void> {
  const walking: WalkUnderWay = { ...more, out, flags, state: {} };
  try {
    for (const [name, step] of plan(walking, homeserver, metadataOf(flags.metadata))) {
      await step();
      if (name === flags.until) break;
    }
    if (walking.state.tokens) await take(walking, "revoke", walk.revoke, {});
  } catch (error) {
    throw (await cleanUp(walking)) ?? error;
  }
}

type Planned = readonly [name: StepName, step: () => Promise<void>];

function plan(
  walking: WalkUnderWay,
  homeserver: string,
  overrides: Readonly<Record<string, unknown>>,
): readonly Planned[] {
  const { codeFlow, redirectUri, olderServers } = walking.flags;
  const body = walk.registrationBody(overrides, codeFlow ? redirectUri : undefined);
  const login: readonly Planned[] = codeFlow
    ? [["link", () => byLink(walking)]]
    : [
        ["device", () => take(walking, "device", walk.requestDevice, scopesOf(walking.flags))],
        ["token", () => byCode(walking)],
      ];
  return [
    ["discover", () => take(walking, "discover", olderServers ? walk.discoverHistoric : walk.discover, { homeserver })],
    ["check", () => take(walking, "check", walk.check, {})],
    ["register", () => take(walking, "register", walk.register, { body })],
    ...login,
    ["whoami", () => take(walking, "whoami", walk.whoAmI, {})],
    ["refresh", () => refreshed(walking)],
  ];
}

/** One step; a failure ends the walk. */
async function take<Input>(walking: WalkUnderWay, name: StepName, step: Step<Input>, input: Input): Promise<void> {
  await begin(walking, name);
  await perform(walking, name, step, input);
}

async function begin(walking: WalkUnderWay, name: StepName): Promise<void> {
  await waitForEnter(walking);
  walking.transcript.begin(name);
}

/** Their answers may hold tokens, which somebody must hear of to revoke them. */
const UNBROKEN: ReadonlySet<StepName> = new Set(["token", "link", "refresh", "revoke"]);

async function perform<Input>(walking: WalkUnderWay, name: StepName, step: Step<Input>, input: Input): Promise<void> {
  const done = await attempt(walking, name, step, input);
  if (!done.ok) throw stepFailure(walking, done);
}

async function attempt<Input>(
  walking: WalkUnderWay,
  name: StepName,
  step: Step<Input>,
  input: Input,
): Promise<walk.StepResult> {
  const done = await step(walking.state, input, UNBROKEN.has(name) ? walking.worlds.after : walking.worlds.during);
  walking.state = done.state;
  walking.transcript.tell(name, done);
  if (walking.signal.aborted) throw interruption("");
  return done;
}

/** Step 8; where the answer was lost, the token goes out once more, as a program would send it (MX-F3). */
async function refreshed(walking: WalkUnderWay): Promise<void> {
  if (walking.state.tokens?.current.refreshToken === undefined) return;
  await begin(walking, "refresh");
  const done = await attempt(walking, "refresh", walk.refresh, {});
  if (done.ok) return;
  if ((done.exchanges.at(-1)?.answer?.status ?? 500) < 500) throw stepFailure(walking, done);
  walking.transcript.note("refresh.once_more");
  await perform(walking, "refresh", walk.refresh, {});
}

const EXITS: Readonly<Record<string, number>> = { access_denied: EXIT.refused, expired_token: EXIT.timeout };

function stepFailure({ transcript }: WalkUnderWay, { state, findings, exchanges }: walk.StepResult): CliError {
  const said = state.device?.nextPollAt === undefined ? state.device?.polls.at(-1)?.said : undefined;
  const lost = exchanges.at(-1)?.trouble !== undefined;
  const exit = EXITS[said ?? ""] ?? (lost ? EXIT.broker : EXIT.failure);
  const found = findings.find(({ kind }) => kind === "bad");
  const text = found ? transcript.textOf(found) : "the step failed";
  return new CliError(said !== undefined && said in EXITS ? said : "walk_failed", text, { exit });
}

async function waitForEnter({ out, flags, state, signal, transcript }: WalkUnderWay): Promise<void> {
  if (!flags.stepByStep || !out.interactive || state.found === undefined) return;
  out.note(out.style("dim", transcript.say("cli.enter")));
  await readLine(signal);
}

function scopesOf({ deviceId, scope }: WalkFlags): { readonly deviceId?: string; readonly scope?: string } {
  return { ...(deviceId !== undefined && { deviceId }), ...(scope !== undefined && { scope }) };
}

/** Steps 5 and 6. */
async function byCode(walking: WalkUnderWay): Promise<void> {
  walking.transcript.begin("code");
  tellCode(walking);
  walking.transcript.begin("token");
  for (let { device } = walking.state; device?.nextPollAt !== undefined; { device } = walking.state) {
    await until(Math.min(device.nextPollAt, device.expiresAt), walking.worlds.during.now, walking.signal);
    if (walking.signal.aborted) throw interruption("");
    await perform(walking, "token", walk.poll, {});
  }
}

function tellCode({ out, state, transcript, simulated }: WalkUnderWay): void {
  if (!state.device) return;
  const { userCode, verificationUri, verificationUriComplete, expiresIn } = state.device.authorization;
  const complete =
    verificationUriComplete === undefined ? [] : [`  ${transcript.say("code.or")}    ${verificationUriComplete}`];
  const lines = [
    `  ${transcript.say("code.open")}  ${verificationUri}`,
    `  ${transcript.say("code.code")}  ${userCode}`,
    ...complete,
    `  ${transcript.say("code.lasts", { seconds: expiresIn })}`,
  ];
  transcript.tellAlso(lines, {
    event: "verification",
    user_code: userCode,
    verification_uri: verificationUri,
    ...(verificationUriComplete !== undefined && { verification_uri_complete: verificationUriComplete }),
    expires_in: expiresIn,
  });
  if (simulated) {
    const decide = `curl -d user_code=${userCode} -d decision=allow ${verificationUri}`;
    out.note([transcript.say("simulator.terminal"), `  ${decide}`]);
  }
  if (out.plain || !out.interactive) return;
  out.draw(qrCode(verificationUriComplete ?? verificationUri, "blocks", terminalRoom()));
}

/** Step C. */
async function byLink(walking: WalkUnderWay): Promise<void> {
  const { redirectUri, prompt } = walking.flags;
  const input = { ...scopesOf(walking.flags), redirectUri, ...(prompt !== undefined && { prompt }) };
  await take(walking, "link", walk.startLink, input);
  const url = walking.state.link?.url ?? "";
  walking.transcript.tellAlso(`  ${walking.transcript.say("code.open")}  ${url}`, { event: "link", url });
  walking.out.note(walking.transcript.say("link.then"));
  const callback = await readLine(walking.signal);
  if (walking.signal.aborted) throw interruption("");
  await perform(walking, "link", walk.finishLink, { callback });
}

/** Revokes what was got; answers the interruption if it was one. */
async function cleanUp({ state, worlds, transcript, signal }: WalkUnderWay): Promise<CliError | undefined> {
  const had = state.tokens !== undefined;
  const done = had ? await walk.revoke(state, {}, worlds.after) : undefined;
  if (done) transcript.tell("revoke", done);
  if (!signal.aborted) return undefined;
  if (!had) return interruption("there is no login to revoke");
  return interruption(done?.ok ? "the login was revoked" : "the login could not be revoked: end it at the homeserver");
}

/** `key=value`; what looks like JSON is JSON, `null` removes the member. */
function metadataOf(pairs: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = "", ...rest] = pair.split("=");
      if (name === "" || rest.length === 0) throw usage(`--metadata "${pair}": give KEY=VALUE`);
      return [name, memberOf(name, rest.join("="))];
    }),
  );
}

function memberOf(name: string, text: string): unknown {
  if (!/^([[{"]|null$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`--metadata ${name}: the value is not valid JSON`);
  }
}
