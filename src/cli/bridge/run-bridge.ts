import { readFileSync } from "node:fs";
import { type Clock, systemClock } from "../../process/clock.ts";
import { CliError, usage } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import { secondsOf } from "../frame/seconds.ts";
import { type AgentSide, standardStreams } from "./agent-side.ts";
import { Bridge } from "./bridge.ts";
import { type BridgeFlags, listFlag, textFlag, toolPolicyOf } from "./bridge-flags.ts";
import { liveUntil } from "./life.ts";
import { LoginEnd } from "./login-end.ts";
import { Memory } from "./memory.ts";
import { Router } from "./router.ts";
import { Door, targetOf } from "./server/door.ts";
import { ToolHeaders } from "./server/tool-headers.ts";
import { Upstream } from "./server/upstream.ts";
import { SignInDesk } from "./sign-in-desk.ts";
import { SigningIn } from "./signing-in.ts";
import { StandIns } from "./stand-in.ts";

/** A server that says nothing at all for so long has been lost. Seconds. */
const USUAL_SILENCE_S = 300;

/** The bridge to a server, put together; nothing is asked yet. Throws usage. */
export function createBridge(typed: string, flags: BridgeFlags, agent: AgentSide, clock: Clock): Bridge {
  const target = targetOf(typed, flags);
  const door = new Door(target, flags);
  const memory = new Memory(target.name);
  const policy = toolPolicyOf(flags);
  const server = target.url === undefined ? target.name : new URL(target.url).host;
  const command = shellWords(["coatcheck", "login", target.name]);
  const loginEnd = new LoginEnd({ agent, clock, memory, server, command });
  const upstream = new Upstream(door, {
    server,
    headers: headersOf(flags),
    silence: silenceOf(flags),
    onLoginEnd: (seconds) => loginEnd.note(seconds),
  });
  const standIns = new StandIns(server, memory, policy);
  const tools = new ToolHeaders((text) => agent.say(text));
  const write = (line: string) => agent.write(line);
  const router = new Router(upstream, memory, tools, write);
  const signingIn = new SigningIn(door, flags, (login) => void bridge.signedIn(login));
  const desk = new SignInDesk(standIns, signingIn, write);
  const bridge = new Bridge({ agent, clock, memory, policy, router, tools, standIns, desk, loginEnd });
  return bridge;
}

/** What `coatcheck mcp` is: runs until the agent goes. Throws usage. */
export function runBridge(typed: string, flags: BridgeFlags): void {
  const agent = standardStreams();
  const bridge = createBridge(typed, flags, agent, systemClock);
  const ended = agent.read((line) => bridge.receive(line));
  liveUntil(
    ended,
    () => bridge.isBusy,
    () => bridge.end(),
  );
}

function silenceOf(flags: BridgeFlags) {
  const asked = secondsOf("--timeout", textFlag(flags, "--timeout"), { least: 0 });
  if (asked === undefined) return { first: USUAL_SILENCE_S * 1_000 };
  return asked === 0 ? {} : { first: asked * 1_000, stream: asked * 1_000 };
}

/** `--header`: what a broker or the protocol itself sets cannot be given. */
const TAKEN =
  /^(authorization|host|content-length|transfer-encoding|connection|cookie|mcp-.*|coatcheck-.*|last-event-id)$/i;

function headersOf(flags: BridgeFlags): Readonly<Record<string, string>> {
  const lines = listFlag(flags, "--header").flatMap((given) =>
    given.startsWith("@") ? linesOf(given.slice(1)) : [given],
  );
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value = ""] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]*)$/.exec(line) ?? [];
      // It may be a secret: the error does not show it.
      if (name === "") throw usage("--header takes Name: value, or @FILE with one such header on each line");
      if (TAKEN.test(name)) throw usage(`--header cannot set ${name}`);
      return [name.toLowerCase(), value];
    }),
  );
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8")
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "");
  } catch (error) {
    throw new CliError("file_unreadable", `${path} cannot be read: ${(error as Error).message}`);
  }
}
