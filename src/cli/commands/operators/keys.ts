import type { Command } from "commander";
import type { KeysData, RotatedKeyData } from "../../../api/index.ts";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../../connect/operator.ts";
import { define, group, run } from "../../frame/command.ts";
import { CliError, usage } from "../../frame/fail.ts";
import { columns } from "../../frame/table.ts";

const EXPLANATION = `
The broker keeps running meanwhile. A rotation creates a new key, puts it first in the key file, creates a new data key for
each mount and reseals everything in the background. With --mount it creates a new data key for that mount alone, under which
everything in the mount is resealed. When "keys status" shows that nothing is sealed under the old key, the old key can be forgotten. Where the
broker cannot change its keys (COATCHECK_KEY, several instances), it explains how to rotate them by hand. Keep copies of the key file.`;

export function keysCommand(): Command {
  return group("keys", "Rotate the keys that seal everything stored, while the broker runs.", [
    ["coatcheck keys status", "the keys and the number of records sealed under each"],
    ["coatcheck keys rotate", ""],
    ["coatcheck keys rotate --mount oauth2", "the data key of one mount"],
    ["coatcheck keys rotate --token-file /var/lib/coatcheck/root-token", ""],
  ])
    .addHelpText("after", EXPLANATION)
    .addCommand(keysStatus())
    .addCommand(keysRotate())
    .addCommand(keysForget());
}

function keysStatus(): Command {
  return define("status", "List the keys and the number of records sealed under each.", [["coatcheck keys status", ""]])
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, _args, flags) => {
        const answer = await (await operatorOf(flags)).read("sys/keys");
        const data = answer?.data as KeysData | undefined;
        if (!data) throw new CliError("unexpected_answer", "the broker did not list its keys");
        out.result(describe(data), data);
      }),
    );
}

function keysRotate(): Command {
  return define("rotate", "Create a new key, or a new data key of a mount, and reseal under it.", [
    ["coatcheck keys rotate", ""],
    ["coatcheck keys rotate --mount oauth2", ""],
  ])
    .option("--mount <name>", "rotate the data key of this mount alone")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags & { readonly mount?: string }>(async (out, _args, { mount, ...flags }) => {
        const which = mount === undefined ? {} : { mount };
        const answer = await (await operatorOf(flags)).write("sys/keys/rotate", which);
        const data = answer?.data as RotatedKeyData | undefined;
        if (!data) throw new CliError("unexpected_answer", "the broker did not name the new key");
        const { id } = data;
        const warnings = answer?.warnings ?? [];
        const text = `The key ${id} now seals new records${mount === undefined ? "" : ` of ${mount}`}. What is there already is being resealed under it.`;
        out.result([text, ...sentences(warnings)], { id, warnings });
      }),
    );
}

function keysForget(): Command {
  return define("forget", "Remove a key that no longer seals anything.", [["coatcheck keys forget ID", ""]])
    .argument("<id>", "the key's id, as keys status lists it")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [id = ""], flags) => {
        if (!/^[0-9a-f]+$/.test(id))
          throw usage(`"${id}" is not the id of a key: run coatcheck keys status to list the ids`);
        const answer = await (await operatorOf(flags)).delete(`sys/keys/${id}`);
        const warnings = answer?.warnings ?? [];
        out.result([`The key ${id} has been removed.`, ...sentences(warnings)], {
          id,
          forgotten: true,
          warnings,
        });
      }),
    );
}

function describe({ keys, resealing, counted_time }: KeysData): readonly string[] {
  const rows = keys.map(({ id, use, mount = "", records }) => [
    ...[id, use, mount],
    records === undefined ? "…" : String(records),
  ]);
  const lines = [...columns(["KEY", "USE", "MOUNT", "RECORDS"], rows)];
  if (resealing) lines.push(`${resealing.left} records still have to be resealed.`);
  if (counted_time === undefined) lines.push("The records are being counted: try again in a while.");
  if (keys.some(({ use }) => use === "missing")) {
    lines.push(
      "Some records are sealed under a key that this broker does not have. Other instances have it: add it to this one too.",
    );
  }
  return lines;
}

function sentences(warnings: readonly string[]): readonly string[] {
  return warnings.map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
}
