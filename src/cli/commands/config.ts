import type { Command } from "commander";
import { defineHere, group, run } from "../frame/command.ts";

export function configCommand(): Command {
  return group("config", "Check the configuration file of serve.", [
    ["coatcheck config check /etc/coatcheck/config.json", "say every mistake, with its place"],
    ["coatcheck config schema > coatcheck.schema.json", "for editors"],
  ])
    .addCommand(configCheck())
    .addCommand(configSchema());
}

function configCheck(): Command {
  return defineHere("check", "Say every mistake of a configuration file. No file that it names is opened.", [
    ["coatcheck config check /etc/coatcheck/config.json", ""],
    ["COATCHECK_CONFIG=/etc/coatcheck/config.json coatcheck config check", ""],
  ])
    .argument("[file]", "by default COATCHECK_CONFIG")
    .action(run(async (out, [file]) => (await import("../serve/check-config.ts")).checkConfig(out, file)));
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
