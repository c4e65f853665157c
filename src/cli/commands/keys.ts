import type { Command } from "commander";
import type { KeysData, RotatedKeyData } from "../../api/index.ts";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../connect/operator.ts";
import { define, group, run } from "../frame/command.ts";
import { CliError, usage } from "../frame/fail.ts";
import { columns } from "../frame/table.ts";

const EXPLANATION = `
The broker goes on meanwhile. A rotation makes a new key, puts it first into the key file and seals everything anew under it
in the background; when "keys status" says that nothing is sealed under the old key any more, it can be forgotten. Where the
broker does not own its keys (COATCHECK_KEY, several instances) it says what to do by hand. Keep copies of the key file.`;

export function keysCommand(): Command {
  return group("keys", "Rotate the keys that everything stored is sealed under, while the broker runs.", [
    ["coatcheck keys status", "the keys, and how many records are sealed under each"],
    ["coatcheck keys rotate", ""],
    ["coatcheck keys rotate --token-file /var/lib/coatcheck/root-token", ""],
  ])
    .addHelpText("after", EXPLANATION)
    .addCommand(keysStatus())
    .addCommand(keysRotate())
    .addCommand(keysForget());
}

function keysStatus(): Command {
  return define("status", "List the keys and what is sealed under each.", [["coatcheck keys status", ""]])
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, _args, flags) => {
        const answer = await (await operatorOf(flags)).read("sys/keys");
        const data = answer?.data as KeysData | undefined;
        if (!data) throw new CliError("unexpected_answer", "the broker says nothing about its keys");
        out.result(describe(data), data);
      }),
    );
}

function keysRotate(): Command {
  return define("rotate", "Make a new key and seal everything anew under it.", [["coatcheck keys rotate", ""]])
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, _args, flags) => {
        const answer = await (await operatorOf(flags)).write("sys/keys/rotate", {});
        const data = answer?.data as RotatedKeyData | undefined;
        if (!data) throw new CliError("unexpected_answer", "the broker does not say which key it made");
        const { id } = data;
        const warnings = answer?.warnings ?? [];
        const text = `The key ${id} seals from now on, and everything is being sealed anew.`;
        out.result([text, ...sentences(warnings)].join("\n"), { id, warnings });
      }),
    );
}

function keysForget(): Command {
  return define("forget", "Drop a key that nothing is sealed under any more.", [["coatcheck keys forget ID", ""]])
    .argument("<id>", "its id, as status lists it")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [id = ""], flags) => {
        if (!/^[0-9a-f]+$/.test(id)) throw usage(`"${id}" is no id of a key: see what keys status lists`);
        const answer = await (await operatorOf(flags)).delete(`sys/keys/${id}`);
        const warnings = answer?.warnings ?? [];
        out.result([`The key ${id} is forgotten.`, ...sentences(warnings)].join("\n"), {
          id,
          forgotten: true,
          warnings,
        });
      }),
    );
}

function describe({ keys, resealing, counted_time }: KeysData): string {
  const rows = keys.map(({ id, use, records }) => [id, use, records === undefined ? "…" : String(records)]);
  const lines = [columns(["KEY", "USE", "RECORDS"], rows)];
  if (resealing) lines.push(`${resealing.left} records are left to be sealed anew.`);
  if (counted_time === undefined) lines.push("The records are being counted: ask again in a while.");
  if (keys.some(({ use }) => use === "missing")) {
    lines.push(
      "Records are sealed under a key that this broker lacks: other instances have it, give it to this one too.",
    );
  }
  return lines.join("\n");
}

function sentences(warnings: readonly string[]): readonly string[] {
  return warnings.map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
}
