import type { Command } from "commander";
import { defineHere, run } from "../frame/command.ts";
import { usage } from "../frame/fail.ts";
import { buildProgram, type Commands } from "../frame/program.ts";
import { SHELLS, script } from "../setup/completion-scripts.ts";

/** Made from the commands themselves: what is offered is what there is. */
export function completionCommand(commands: Commands): Command {
  return defineHere("completion", "Print the completion script for a shell.", [
    ["coatcheck completion bash > /etc/bash_completion.d/coatcheck", ""],
    ["source <(coatcheck completion zsh)", ""],
    ["coatcheck completion fish | source", ""],
  ])
    .argument("<shell>", SHELLS.join(", "))
    .action(
      run(async (out, [shell]) => {
        const known = SHELLS.find((one) => one === shell);
        if (!known) throw usage(`unknown shell "${shell}": give ${SHELLS.join(", ")}`);
        const text = script(known, await wordsOf(commands));
        out.result(text.trimEnd().split("\n"), { shell: known, script: text });
      }),
    );
}

/** Path of a command → what may follow it. */
async function wordsOf(commands: Commands): Promise<ReadonlyMap<string, readonly string[]>> {
  const words = new Map<string, readonly string[]>();
  const visit = (command: Command, path: string) => {
    const options = command.options.flatMap(({ long }) => long ?? []);
    words.set(path, [...command.commands.map((one) => one.name()), ...options, "--help"]);
    for (const one of command.commands) visit(one, `${path} ${one.name()}`.trim());
  };
  visit(await buildProgram(Object.values(commands)), "");
  return words;
}
