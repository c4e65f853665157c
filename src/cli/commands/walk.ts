import { type Command, InvalidArgumentError, Option } from "commander";
import { QUIRKS, SIMULATED } from "../../api/walk.ts";
import { WALK_LANGUAGES } from "../../messages/walk/languages.ts";
import { defineHere } from "../frame/command.ts";
import { runHere } from "../frame/run-here.ts";
import { FORMS, LAST_STEPS } from "../walk/forms.ts";
import type { Flags } from "../walk/walk.ts";

const EXPLANATION = `
Nothing is stored, and the login is revoked at the end. The output is a transcript without secrets, unless --reveal is given.
With --json each request and each step is one line. The person who approves signs in at the homeserver itself.`;

export function walkCommand(): Command {
  const command = defineHere(
    "walk",
    "Walk through a Matrix login step by step, with every request shown and explained.",
    [
      ["coatcheck walk matrix.org --step-by-step", "press Enter to go to the next step"],
      ["coatcheck walk @me:example.org --metadata client_name='My bot'", ""],
      ["coatcheck walk example.org --code-flow", "use a link instead of a code, and paste its callback address here"],
      ["coatcheck walk example.org --json > transcript.jsonl", ""],
      ["coatcheck walk --simulate tuwunel --quirk lost_answer", "a simulated homeserver, whose answer gets lost"],
    ],
  )
    .argument("[homeserver]", "a server name, a user id, or a base URL")
    .option("--device-id <id>", "use this device id instead of a random one")
    .option(
      "--metadata <key=value>",
      "a member of the client registration, as JSON or text; null removes it",
      collect,
      [],
    )
    .option("--scope <scopes>", "instead of the scopes of the API and the device")
    .option("--older-servers", "find the issuer as in the drafts before 2025: auth_issuer, then OpenID discovery")
    .option("--code-flow", "use an authorization link instead of a device code")
    .option("--redirect-uri <uri>", "the address that the link redirects to", "http://127.0.0.1/callback")
    .option("--prompt <value>", "send this prompt with the link, such as create")
    .option(
      "--allow-networks <list>",
      "networks that are not public but may be called: loopback, private, 10.0.0.0/8 …",
    )
    .option("--ca-file <path>", "certificates of authorities to trust as well, in PEM (COATCHECK_CA_FILE)")
    .addHelpText("after", EXPLANATION)
    .action(
      runHere<Flags>(async (out, [homeserver], flags) =>
        (await import("../walk/walk.ts")).walk(out, homeserver, flags),
      ),
    );
  return simulated(shown(command));
}

/** How it is told, and how far it goes. */
function shown(command: Command): Command {
  return command
    .option("--step-by-step", "wait for Enter between the steps")
    .addOption(new Option("--until <step>", "end after this step").choices(LAST_STEPS))
    .addOption(
      new Option("--language <language>", "the language of the explanations").choices(WALK_LANGUAGES).default("en"),
    )
    .option("--reveal", "print secrets in full")
    .addOption(new Option("--as <form>", "also print each request in this form, ready to copy").choices(FORMS));
}

/** Options for those who want to see what goes wrong, harming nobody. */
function simulated(command: Command): Command {
  return command
    .addOption(new Option("--simulate <kind>", "walk at a simulated homeserver of this kind").choices(SIMULATED))
    .addOption(
      new Option("--quirk <name>", "what the simulated homeserver does wrong; may be repeated")
        .choices(QUIRKS)
        .argParser((value, before: readonly string[]) => collect(quirkOf(value), before))
        .default([], ""),
    );
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function quirkOf(value: string): string {
  if (QUIRKS.some((quirk) => quirk === value)) return value;
  throw new InvalidArgumentError(`Allowed choices are ${QUIRKS.join(", ")}.`);
}
