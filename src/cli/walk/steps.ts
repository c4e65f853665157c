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
  readonly stepByStep?: boolean;
}

interface Surroundings {
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
  const overrides = metadataOf(flags.metadata);
  try {
    await take(walking, "discover", flags.olderServers ? walk.discoverHistoric : walk.discover, { homeserver });
    await take(walking, "check", walk.check, {});
    const body = walk.registrationBody(overrides, flags.codeFlow ? flags.redirectUri : undefined);
    await take(walking, "register", walk.register, { body });
    await (flags.codeFlow ? byLink(walking) : byCode(walking));
    await take(walking, "whoami", walk.whoAmI, {});
    if (walking.state.tokens?.current.refreshToken !== undefined) await take(walking, "refresh", walk.refresh, {});
    await take(walking, "revoke", walk.revoke, {});
  } catch (error) {
    throw (await cleanUp(walking)) ?? error;
  }
}

/** One step; a failure ends the walk. */
async function take<Input>(walking: WalkUnderWay, name: StepName, step: Step<Input>, input: Input): Promise<void> {
  await waitForEnter(walking);
  walking.transcript.begin(name);
  await perform(walking, name, step, input);
}

/** Their answers may hold tokens, which somebody must hear of to revoke them. */
const UNBROKEN: ReadonlySet<StepName> = new Set(["token", "link", "refresh", "revoke"]);

async function perform<Input>(walking: WalkUnderWay, name: StepName, step: Step<Input>, input: Input): Promise<void> {
  const done = await step(walking.state, input, UNBROKEN.has(name) ? walking.worlds.after : walking.worlds.during);
  walking.state = done.state;
  walking.transcript.tell(name, done);
  if (walking.signal.aborted) throw interruption("");
  if (!done.ok) throw stepFailure(done);
}

const EXITS: Readonly<Record<string, number>> = { access_denied: EXIT.refused, expired_token: EXIT.timeout };

function stepFailure({ state, findings, exchanges }: walk.StepResult): CliError {
  const said = state.device?.nextPollAt === undefined ? state.device?.polls.at(-1)?.said : undefined;
  const lost = exchanges.at(-1)?.trouble !== undefined;
  const exit = EXITS[said ?? ""] ?? (lost ? EXIT.broker : EXIT.failure);
  const text = findings.find(({ kind }) => kind === "bad")?.text ?? "the step failed";
  return new CliError(said !== undefined && said in EXITS ? said : "walk_failed", text, { exit });
}

async function waitForEnter({ out, flags, state, signal }: WalkUnderWay): Promise<void> {
  if (!flags.stepByStep || !out.interactive || state.found === undefined) return;
  out.note(out.style("dim", "Press Enter to go on"));
  await readLine(signal);
}

/** Steps 4 to 6. */
async function byCode(walking: WalkUnderWay): Promise<void> {
  const { deviceId, scope } = walking.flags;
  const input = { ...(deviceId !== undefined && { deviceId }), ...(scope !== undefined && { scope }) };
  await take(walking, "device", walk.requestDevice, input);
  walking.transcript.begin("code");
  tellCode(walking);
  walking.transcript.begin("token");
  for (let { device } = walking.state; device?.nextPollAt !== undefined; { device } = walking.state) {
    await until(Math.min(device.nextPollAt, device.expiresAt), walking.worlds.during.now, walking.signal);
    if (walking.signal.aborted) throw interruption("");
    await perform(walking, "token", walk.poll, {});
  }
}

function tellCode({ out, state, transcript }: WalkUnderWay): void {
  if (!state.device) return;
  const { userCode, verificationUri, verificationUriComplete, expiresIn } = state.device.authorization;
  const complete = verificationUriComplete === undefined ? [] : [`  Or:    ${verificationUriComplete}`];
  const lines = [`  Open:  ${verificationUri}`, `  Code:  ${userCode}`, ...complete, `  It expires in ${expiresIn} s.`];
  transcript.say(lines, {
    event: "verification",
    user_code: userCode,
    verification_uri: verificationUri,
    ...(verificationUriComplete !== undefined && { verification_uri_complete: verificationUriComplete }),
    expires_in: expiresIn,
  });
  if (out.plain || !out.interactive) return;
  out.draw(qrCode(verificationUriComplete ?? verificationUri, "blocks", terminalRoom()));
}

/** Step C. */
async function byLink(walking: WalkUnderWay): Promise<void> {
  const { deviceId, scope, redirectUri } = walking.flags;
  const input = { ...(deviceId !== undefined && { deviceId }), ...(scope !== undefined && { scope }), redirectUri };
  await take(walking, "link", walk.startLink, input);
  const url = walking.state.link?.url ?? "";
  walking.transcript.say(`  Open:  ${url}`, { event: "link", url });
  walking.out.note("Then paste the address from the browser's address bar here, even if the page does not load:");
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
