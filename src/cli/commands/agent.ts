import type { Command } from "commander";
import { keepMemoryPrivate } from "../../process/private-memory.ts";
import { startAgent } from "../agent/agent-server.ts";
import { askAgent } from "../agent/ask-agent.ts";
import {
  agentInBackground,
  agentVariables,
  livingOidcAgent,
  makeSocketFolder,
  runWithAgent,
} from "../agent/launch-agent.ts";
import { define, run } from "../frame/command.ts";
import { CliError } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { secondsOf } from "../frame/seconds.ts";
import { stopRequested } from "../frame/stop-signal.ts";

interface AgentFlags {
  readonly foreground?: boolean;
  readonly idle?: string;
  readonly stop?: boolean;
  readonly oidcSock?: boolean;
}

export function agentCommand(): Command {
  return define(
    "agent",
    "Hold sessions and tokens in memory and answer within milliseconds. Also speaks oidc-agent's protocol.",
    [
      ['eval "$(coatcheck agent)"', "start it and tell this shell where it is"],
      ["coatcheck agent --idle 3600", "end it after an hour without requests"],
      ["coatcheck agent -- make deploy", "a separate agent for this command only"],
      ["coatcheck agent --stop", ""],
    ],
  )
    .argument("[command...]", "a command to run with its own agent")
    .option("--foreground", "stay in the foreground")
    .option("--idle <seconds>", "stop after this long without requests")
    .option("--stop", "stop the running agent")
    .option("--oidc-sock", "set OIDC_SOCK even if an oidc-agent is running")
    .passThroughOptions()
    .action(run<AgentFlags>((out, command, flags) => agent(out, command, flags)));
}

async function agent(out: Output, command: readonly string[], flags: AgentFlags): Promise<void> {
  const path = makeSocketFolder();
  if (flags.stop) {
    if (!(await askAgent({ request: "stop" }))) throw new CliError("no_agent", `no agent is listening at ${path}`);
    return out.result("the agent has stopped", { stopped: true });
  }
  const idle = secondsOf("--idle", flags.idle);
  const other = flags.oidcSock ? undefined : await livingOidcAgent(path);
  if (other !== undefined) {
    out.note(`OIDC_SOCK is left to the oidc-agent at ${other}: use --oidc-sock to set it to this agent instead`);
  }
  const variables = agentVariables(path, other);
  if (command.length > 0) {
    process.exitCode = await runWithAgent(command, idle, other);
  } else if (flags.foreground) {
    await inForeground(out, path, idle, variables);
  } else {
    await agentInBackground(path, idle);
    tellShell(out, variables);
  }
}

type Variables = Readonly<Record<string, string>>;

async function inForeground(out: Output, path: string, idle: number | undefined, variables: Variables): Promise<void> {
  keepMemoryPrivate();
  const requested = stopRequested();
  const running = await startAgent(path, idle);
  tellShell(out, variables);
  await Promise.race([requested, running.ended]);
  running.stop();
  process.exit(0);
}

/** What a shell evaluates. */
function tellShell(out: Output, variables: Variables): void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'; export ${name};`);
  out.result(lines, variables);
}
