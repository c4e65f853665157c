import type { Command } from "commander";
import { startAgent } from "../agent/agent-server.ts";
import { askAgent } from "../agent/ask-agent.ts";
import { agentInBackground, agentVariables, makeSocketFolder, runWithAgent } from "../agent/launch-agent.ts";
import { define, run } from "../frame/command.ts";
import { CliError } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { secondsOf } from "../frame/seconds.ts";
import { stopRequested } from "../frame/stop-signal.ts";

interface AgentFlags {
  readonly foreground?: boolean;
  readonly idle?: string;
  readonly stop?: boolean;
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
  if (command.length > 0) {
    process.exitCode = await runWithAgent(command, idle);
  } else if (flags.foreground) {
    await inForeground(out, path, idle);
  } else {
    await agentInBackground(path, idle);
    tellShell(out, path);
  }
}

async function inForeground(out: Output, path: string, idle: number | undefined): Promise<void> {
  const requested = stopRequested();
  const running = await startAgent(path, idle);
  tellShell(out, path);
  await Promise.race([requested, running.ended]);
  running.stop();
  process.exit(0);
}

/** What a shell evaluates. */
function tellShell(out: Output, path: string): void {
  const variables = agentVariables(path);
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'; export ${name};`);
  out.result(lines.join("\n"), variables);
}
