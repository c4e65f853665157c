import { type Command, Option } from "commander";
import type { ServeFlags } from "../../process/config.ts";
import { SETTING_ENTRIES } from "../../process/serve-settings.ts";
import { defineHere } from "../frame/command.ts";
import { runHere } from "../frame/run-here.ts";

const EXAMPLES = [
  ["coatcheck serve --dev", "try it with temporary data and a demo authorization server"],
  ["coatcheck serve --data /var/lib/coatcheck", "store everything in this folder"],
  [
    "COATCHECK_DATABASE=postgres://… COATCHECK_KEY=file:/etc/coatcheck/key coatcheck serve",
    "run one of several instances",
  ],
  ["coatcheck serve --public-url https://broker.example.com --listen 0.0.0.0:8200", ""],
] as const;

export function serveCommand(): Command {
  const serving = runHere<ServeFlags>(async (out, _args, flags) =>
    (await import("../serve/serve.ts")).serve(out, flags),
  );
  const command = defineHere("serve", "Run the broker.", EXAMPLES);
  for (const [, { flag, text, kind }] of SETTING_ENTRIES) {
    if (flag === undefined) continue;
    const option = new Option(flag, text);
    command.addOption(kind === "sockets" && flag.startsWith("--listen") ? option.argParser(several) : option);
  }
  return command.addHelpText("after", variablesText()).action(async (...all) => {
    await serving(...all);
    process.exit();
  });
}

/** An option that is given once for each value. */
function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** What flags do not say, and how the three ways go together. */
function variablesText(): string {
  const withoutFlag = SETTING_ENTRIES.filter(([, { flag }]) => flag === undefined);
  const same = SETTING_ENTRIES.filter(([, { flag, variable }]) => flag !== undefined && variable !== undefined);
  const secrets = SETTING_ENTRIES.filter(([, { kind }]) => kind === "secret");
  const names = (entries: typeof SETTING_ENTRIES) => entries.map(([, { variable = "" }]) => variable);
  const width = Math.max(...names(withoutFlag).map(({ length }) => length));
  return `
Environment:
${withoutFlag.map(([, { variable = "", text }]) => `  ${variable.padEnd(width)} ${text}`).join("\n")}

${wrapped(`${names(same).join(", ")} say the same as their flags; with several values, commas are between them.`)}
${wrapped(
  `A flag overrides its variable, and a variable the configuration file. A secret may be in a file: ${names(secrets)
    .map((name) => `${name}_FILE`)
    .join(", ")}.`,
)}`;
}

const WIDTH = 130;

function wrapped(text: string): string {
  return text.replaceAll(new RegExp(`(.{1,${WIDTH}})(?: |$)`, "g"), "$1\n").trimEnd();
}
