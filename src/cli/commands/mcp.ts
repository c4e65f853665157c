import { type Command, Option } from "commander";
import { BRIDGE_OPTIONS, type BridgeFlags } from "../bridge/bridge-flags.ts";
import { runBridge } from "../bridge/run-bridge.ts";
import { define, run } from "../frame/command.ts";

/** Normally it is started by bridge/fast-bridge, without commander: here are its words, and what that leaves. */
export function mcpCommand(): Command {
  const command = define("mcp", "Connect an agent to a remote MCP server: speaks MCP over stdin and stdout.", [
    ["coatcheck mcp https://mcp.example.com/mcp", "what an agent's configuration starts"],
    ["coatcheck mcp https://mcp.example.com/mcp --name work", "a second login at the same server"],
    ["coatcheck mcp https://mcp.example.com/mcp --allow-tools 'get_*,list_*'", "only some of its tools"],
  ]).argument("<url>", "the address of the MCP server, or the name of a login");
  const known = new Set(command.options.map(({ long }) => long));
  for (const option of BRIDGE_OPTIONS) {
    if (known.has(option.name)) continue;
    const added = new Option("value" in option ? `${option.name} ${option.value}` : option.name, option.about);
    if ("many" in option) added.argParser((value: string, before: string[] = []) => [...before, value]);
    command.addOption(added);
  }
  return command.action(run<Options>(async (_out, [target = ""], options) => runBridge(target, flagsOf(options))));
}

type Options = Readonly<Record<string, unknown>>;

/** Commander's names of options, as the bridge has them. */
function flagsOf(options: Options): BridgeFlags {
  const entries = BRIDGE_OPTIONS.flatMap((option) => {
    const [, no, word = ""] = /^--(no-)?(.*)$/.exec(option.name) ?? [];
    const value = options[word.replaceAll(/-(\w)/g, (_all, letter: string) => letter.toUpperCase())];
    const isGiven = no
      ? value === false
      : "value" in option
        ? typeof value === "string" || Array.isArray(value)
        : value === true;
    return isGiven ? [[option.name, no ? true : value]] : [];
  });
  return Object.fromEntries(entries);
}
