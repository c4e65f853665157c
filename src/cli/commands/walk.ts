import { type Command, Option } from "commander";
import { defineHere } from "../frame/command.ts";
import { runHere } from "../frame/run-here.ts";
import { FORMS } from "../walk/forms.ts";
import type { Flags } from "../walk/walk.ts";

const EXPLANATION = `
Nothing is stored, and the login is revoked at the end. The output is a transcript without secrets, unless --reveal is given.
With --json each request and each step is one line. The person who approves signs in at the homeserver itself.`;

export function walkCommand(): Command {
  return defineHere("walk", "Walk through a Matrix login step by step, with every request shown and explained.", [
    ["coatcheck walk matrix.org --step-by-step", "press Enter to go to the next step"],
    ["coatcheck walk @me:example.org --metadata client_name='My bot'", ""],
    ["coatcheck walk example.org --code-flow", "use a link instead of a code, and paste its callback address here"],
    ["coatcheck walk example.org --json > transcript.jsonl", ""],
  ])
    .argument("<homeserver>", "a server name, a user id, or a base URL")
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
    .option("--step-by-step", "wait for Enter between the steps")
    .option("--reveal", "print secrets in full")
    .addOption(new Option("--as <form>", "also print each request in this form, ready to copy").choices(FORMS))
    .option(
      "--allow-networks <list>",
      "networks that are not public but may be called: loopback, private, 10.0.0.0/8 …",
    )
    .option("--ca-file <path>", "certificates of authorities to trust as well, in PEM (COATCHECK_CA_FILE)")
    .addHelpText("after", EXPLANATION)
    .action(
      runHere<Flags>(async (out, [homeserver = ""], flags) =>
        (await import("../walk/walk.ts")).walk(out, homeserver, flags),
      ),
    );
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
