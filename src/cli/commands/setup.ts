import type { Command } from "commander";
import { define, run } from "../frame/command.ts";
import { usage } from "../frame/fail.ts";
import type { CommonFlags, Output } from "../frame/output.ts";
import { splitWords } from "../frame/run-child.ts";
import { GIT_KINDS } from "../helpers/git-hosts.ts";
import { AGENTS } from "../setup/agents/agents.ts";
import { type AgentFlags, setUpAgent } from "../setup/agents/set-up-agent.ts";
import { type SetupFlags, setUp, setupOf, undoSetup } from "../setup/set-up.ts";
import { TARGETS } from "../setup/targets.ts";

export function setupCommand(): Command {
  const keys = Object.entries(TARGETS).map(([name, { key }]) => `${name} (${key.toUpperCase()})`);
  return define(
    "setup",
    "Configure another program to get its credentials from Coatcheck, or an agent to use an MCP server through it. Shows each change before making it.",
    [
      ["coatcheck setup git github.com github", "git uses the login github for that host"],
      ["coatcheck setup docker registry.example.com corp", ""],
      ["coatcheck setup kubectl deploy corp", "print the configuration to paste"],
      ["coatcheck setup git github.com --undo", "undo the setup"],
      ["coatcheck setup cursor https://mcp.example.com/mcp", "the agent starts coatcheck mcp for that server"],
    ],
  )
    .usage("[options] <program> <key> [name] [-- <options of coatcheck mcp...>]")
    .argument("<program>", `${keys.join(", ")}; agents (URL): ${Object.keys(AGENTS).join(", ")}`)
    .argument("<key>", "the host, name or address that the program uses: see docs/cli.md")
    .argument("[name]", "the login to use (default: the key)")
    .argument("[options...]", "agents: options of coatcheck mcp, behind --")
    .option(
      "--dir <folder>",
      "folder for the link that the program runs (default: ~/.local/bin, or where the program looks)",
    )
    .option("--dry-run", "show the change without making it")
    .option("--undo", "undo the setup")
    .option("--project", "agents: in the file of the project in this folder, not in your own")
    .option("--kind <name>", `git: the software of the host: ${Object.keys(GIT_KINDS).join(", ")}`)
    .option("--username <name>", "git: the user name to send with the token")
    .option("--bearer", "git: send the token as a Bearer token")
    .option("--no-bearer", "git: do not send it as a Bearer token; cargo: send the token without the word Bearer")
    .action(run<SetupFlags & AgentFlags>(configure));
}

async function configure(
  out: Output,
  words: readonly string[],
  flags: SetupFlags & AgentFlags & CommonFlags,
): Promise<void> {
  const [program = "", key = ""] = words;
  const agent = Object.hasOwn(AGENTS, program) ? AGENTS[program] : undefined;
  if (agent) {
    const { name: login, command: options } = splitWords(process.argv, words.slice(2));
    const { addr } = flags;
    const wanted = { url: key, options, ...(login !== undefined && { login }), ...(addr !== undefined && { addr }) };
    return setUpAgent(out, program, agent, wanted, flags);
  }
  const target = Object.hasOwn(TARGETS, program) ? TARGETS[program] : undefined;
  const known = [...Object.keys(TARGETS), ...Object.keys(AGENTS)];
  if (!target) throw usage(`unknown program "${program}": give ${known.join(", ")}`);
  const setup = setupOf(program, target, words.slice(1), flags);
  if (flags.undo) undoSetup(out, setup);
  else await setUp(out, setup, flags);
}
