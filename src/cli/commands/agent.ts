import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { pause } from "../../client/time.ts";
import { makeFolder } from "../../process/make-folder.ts";
import { startAgent } from "../agent/agent-server.ts";
import { agentSocket } from "../agent/agent-socket.ts";
import { askAgent } from "../agent/ask-agent.ts";
import { accepts } from "../connect/own-broker.ts";
import { BIN } from "../frame/bin-path.ts";
import { define, run } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { CliError, usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { runChild } from "../frame/run-child.ts";
import { stopRequested } from "../frame/stop-signal.ts";
import { runtimeFolder } from "../kept/folders.ts";

/** It loads the client library and listens: within a second; a machine may be slow. Milliseconds. */
const LONGEST_START_MS = 10_000;

interface AgentFlags {
  readonly foreground?: boolean;
  readonly idle?: string;
  readonly stop?: boolean;
}

export function agentCommand(): Command {
  return define(
    "agent",
    "Hold sessions and tokens in memory and answer in milliseconds; speaks oidc-agent's protocol too.",
    [
      ['eval "$(coatcheck agent)"', "start it, and tell this shell where it is"],
      ["coatcheck agent --idle 3600", "it ends when nobody has asked for an hour"],
      ["coatcheck agent -- make deploy", "one of its own, for this command alone"],
      ["coatcheck agent --stop", ""],
    ],
  )
    .argument("[command...]", "runs it with an agent of its own beside it")
    .option("--foreground", "stay here instead of going to the background")
    .option("--idle <seconds>", "end when nobody has asked for so long")
    .option("--stop", "end the one that runs")
    .passThroughOptions()
    .action(run<AgentFlags>((out, command, flags) => agent(out, command, flags)));
}

async function agent(out: Output, command: readonly string[], flags: AgentFlags): Promise<void> {
  const path = socketPath();
  if (flags.stop) {
    if (!(await askAgent({ request: "stop" }))) throw new CliError("no_agent", `no agent listens at ${path}`);
    return out.result("the agent is stopped", { stopped: true });
  }
  const idle = idleSeconds(flags.idle);
  if (command.length > 0) return withCommand(command, idle);
  if (!flags.foreground) await inBackground(path, flags.idle);
  if (!flags.foreground) return say(out, path);
  const requested = stopRequested();
  const running = await startAgent(path, idle);
  say(out, path);
  await Promise.race([requested, running.ended]);
  running.stop();
  process.exit(0);
}

function socketPath(): string {
  runtimeFolder(true);
  const path = agentSocket() ?? "";
  makeFolder(dirname(path));
  return path;
}

function idleSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usage(`--idle "${text}" is not a number of seconds`);
  return Number(text);
}

/** What a shell evaluates. */
function say(out: Output, path: string): void {
  const variables = { COATCHECK_AGENT_SOCK: path, OIDC_SOCK: path };
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'; export ${name};`);
  out.result(lines.join("\n"), variables);
}

async function inBackground(path: string, idle: string | undefined): Promise<void> {
  if (await accepts(path)) return;
  const args = ["agent", "--foreground", ...(idle === undefined ? [] : ["--idle", idle])];
  const child = spawn(process.execPath, [BIN, ...args], { detached: true, stdio: "ignore", cwd: "/" });
  child.unref();
  for (const from = performance.now(); performance.now() - from < LONGEST_START_MS; await pause(10)) {
    // Looked at before: another one may have been faster, and this one has ended for that.
    const ended = child.exitCode !== null;
    if (await accepts(path)) return;
    if (ended) break;
  }
  throw new CliError("agent_not_started", "the agent does not start: run coatcheck agent --foreground to see why");
}

/** An agent of the command's own, as ssh-agent has it: whether another one runs, and when that ends, is nothing to it. */
async function withCommand(command: readonly string[], idle: number | undefined): Promise<void> {
  const folder = mkdtempSync(join(runtimeFolder(true) ?? tmpdir(), "agent-"));
  const path = join(folder, "agent.sock");
  try {
    const running = await startAgent(path, idle);
    const env = { ...environment, COATCHECK_AGENT_SOCK: path, OIDC_SOCK: path };
    process.exitCode = await runChild(command, { env }).finally(() => running.stop());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
