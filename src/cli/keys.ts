import { Command } from "commander";
import type { KeysData, RotatedKeyData } from "../api/index.ts";
import { callBroker } from "./call-broker.ts";
import { complain } from "./complain.ts";

const EXPLANATION = `
The broker goes on meanwhile. A rotation makes a new key, puts it first into the key file and seals everything anew under it
in the background; when "keys status" says that nothing is sealed under the old key any more, it can be forgotten. Where the
broker does not own its keys (COATCHECK_KEY, several instances) it says what to do by hand. Keep copies of the key file.

Environment: COATCHECK_ADDR (the broker, by default http://127.0.0.1:8200), COATCHECK_TOKEN (by default the root token in the
data folder), COATCHECK_DATA.`;

interface Flags {
  readonly data?: string;
}

export function keysCommand(): Command {
  const command = new Command("keys")
    .description("Rotate the keys that everything stored is sealed under, while the broker runs.")
    .addHelpText("after", EXPLANATION);
  command.addCommand(subcommand("status", "List the keys and what is sealed under each.").action(run(status)));
  command.addCommand(subcommand("rotate", "Make a new key and seal everything anew under it.").action(run(rotate)));
  command.addCommand(
    subcommand("forget", "Drop a key that nothing is sealed under any more.")
      .argument("<id>", "its id, as status lists it")
      .action((id: string, flags: Flags) => forget(id, flags).catch(complain)),
  );
  return command;
}

function subcommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--data <dir>", "folder of the broker, where its root token is (default: the XDG state folder)");
}

const run = (action: (flags: Flags) => Promise<void>) => (flags: Flags) => action(flags).catch(complain);

async function status(flags: Flags): Promise<void> {
  const { data } = await callBroker<KeysData>("GET", "sys/keys", flags);
  const rows = data.keys.map(({ id, use, records }) => [id, use, records === undefined ? "…" : String(records)]);
  const lines = [["KEY", "USE", "RECORDS"], ...rows].map(([id = "", use = "", records]) =>
    [id.padEnd(16), use.padEnd(7), records].join("  "),
  );
  if (data.resealing) lines.push(`${data.resealing.left} records are left to be sealed anew.`);
  if (data.counted_time === undefined) lines.push("The records are being counted: ask again in a while.");
  if (data.keys.some(({ use }) => use === "missing")) {
    lines.push(
      "Records are sealed under a key that this broker lacks: other instances have it, give it to this one too.",
    );
  }
  say(...lines);
}

async function rotate(flags: Flags): Promise<void> {
  const { data, warnings } = await callBroker<RotatedKeyData>("PUT", "sys/keys/rotate", flags);
  say(`The key ${data.id} seals from now on, and everything is being sealed anew.`, ...sentences(warnings));
}

async function forget(id: string, flags: Flags): Promise<void> {
  const { warnings } = await callBroker<null>("DELETE", `sys/keys/${encodeURIComponent(id)}`, flags);
  say(`The key ${id} is forgotten.`, ...sentences(warnings));
}

function sentences(warnings: readonly string[] | null): readonly string[] {
  return (warnings ?? []).map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
