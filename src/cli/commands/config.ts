import type { Command } from "commander";
import { type OperatorFlags, TOKEN_FILE } from "../connect/operator.ts";
import { define, defineHere, group, run } from "../frame/command.ts";
import type { ApplyFlags } from "../serve/declared-servers.ts";

export function configCommand(): Command {
  return group(
    "config",
    "Check the configuration file of serve, and apply the servers and audit devices that it declares.",
    [
      ["coatcheck config check /etc/coatcheck/config.json", "say every mistake, with its place"],
      ["coatcheck config plan /etc/coatcheck/config.json", "say what differs from the file"],
      ["coatcheck config apply /etc/coatcheck/config.json", "write those"],
      ["coatcheck config schema > coatcheck.schema.json", "for editors"],
    ],
  )
    .addCommand(configCheck())
    .addCommand(configPlan())
    .addCommand(configApply())
    .addCommand(configSchema());
}

function configCheck(): Command {
  return defineHere("check", "Say every mistake of a configuration file. No file that it names is opened.", [
    ["coatcheck config check /etc/coatcheck/config.json", ""],
    ["COATCHECK_CONFIG=/etc/coatcheck/config.json coatcheck config check", ""],
  ])
    .argument(...FILE)
    .action(run(async (out, [file]) => (await import("../serve/check-config.ts")).checkConfig(out, file)));
}

const FILE = ["[file]", "by default COATCHECK_CONFIG"] as const;

function configPlan(): Command {
  return define(
    "plan",
    "Say which servers and audit devices differ from those that the file declares (exit code 8 if any).",
    [["coatcheck config plan serve.json --token-file root-token", ""]],
  )
    .argument(...FILE)
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [file], flags) =>
        (await import("../serve/declared-servers.ts")).planConfig(out, file, flags),
      ),
    );
}

function configApply(): Command {
  return define(
    "apply",
    "Write the servers and audit devices that differ from the file. Others stay; --delete names servers to delete.",
    [
      ["coatcheck config apply serve.json --token-file root-token", ""],
      ["coatcheck config apply serve.json --delete old", "its credentials are not refreshed any more"],
    ],
  )
    .argument(...FILE)
    .option("--delete <server>", "delete a server that the file does not declare; may be repeated", several, [])
    .option(...TOKEN_FILE)
    .action(
      run<ApplyFlags>(async (out, [file], flags) =>
        (await import("../serve/declared-servers.ts")).applyConfig(out, file, flags),
      ),
    );
}

function several(one: string, all: readonly string[]): readonly string[] {
  return [...all, one];
}

function configSchema(): Command {
  return defineHere("schema", "Print the JSON Schema of configuration files.", [
    ["coatcheck config schema > coatcheck.schema.json", ""],
  ]).action(
    run(async (out) => {
      const schema = (await import("../../config-file/schema.ts")).configSchema();
      out.result(JSON.stringify(schema, null, 2).split("\n"), schema);
    }),
  );
}
