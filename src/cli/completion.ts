import { Command } from "commander";
import { group } from "./command.ts";
import { SHELLS, type Shell, script } from "./completion/scripts.ts";
import { usage } from "./fail.ts";
import type { Commands } from "./program.ts";

/** Made from the commands themselves: what is offered is what there is. */
export function completionCommand(commands: Commands): Command {
  return group("completion", "Print completions for a shell.", [
    ["coatcheck completion bash > /etc/bash_completion.d/coatcheck", ""],
    ["source <(coatcheck completion zsh)", ""],
    ["coatcheck completion fish | source", ""],
  ])
    .argument("<shell>", SHELLS.join(", "))
    .action(async (shell: string) => {
      const known = SHELLS.find((one) => one === shell);
      if (!known) throw usage(`the shell "${shell}" is not known: ${SHELLS.join(", ")}`);
      process.stdout.write(script(known as Shell, await wordsOf(commands)));
    });
}

/** Path of a command → what may follow it. */
async function wordsOf(commands: Commands): Promise<ReadonlyMap<string, readonly string[]>> {
  const root = new Command("coatcheck").enablePositionalOptions();
  for (const load of Object.values(commands)) root.addCommand(await load());
  const words = new Map<string, readonly string[]>();
  const visit = (command: Command, path: string) => {
    const options = command.options.flatMap(({ long }) => long ?? []);
    words.set(path, [...command.commands.map((one) => one.name()), ...options]);
    for (const one of command.commands) visit(one, `${path} ${one.name()}`.trim());
  };
  visit(root, "");
  return words;
}
