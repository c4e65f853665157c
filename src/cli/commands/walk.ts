import { type Command, Option } from "commander";
import { walkWorld } from "../../compose/walk.ts";
import { systemClock } from "../../process/clock.ts";
import { networksOf } from "../../process/config.ts";
import { defineHere } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { listenToInterrupts } from "../frame/interrupts.ts";
import type { Output } from "../frame/output.ts";
import { runHere } from "../frame/run-here.ts";
import { takeSteps, type WalkFlags } from "../walk/steps.ts";
import { createTranscript, FORMS, type TranscriptFlags } from "../walk/transcript.ts";

const EXPLANATION = `
Nothing is stored, and at the end the login is revoked. What is printed is a transcript without secrets, unless --reveal
is given; with --json each request and each step is a line. Whoever approves signs in at the homeserver itself.`;

export function walkCommand(): Command {
  return defineHere("walk", "Go through a Matrix login step by step, with every request shown and explained.", [
    ["coatcheck walk matrix.org --step-by-step", "Enter goes on to the next step"],
    ["coatcheck walk @me:example.org --metadata client_name='My bot'", ""],
    ["coatcheck walk example.org --code-flow", "by a link instead of a code; its callback is pasted here"],
    ["coatcheck walk example.org --json > transcript.jsonl", ""],
  ])
    .argument("<homeserver>", "a server name, a user id, or a base URL")
    .option("--device-id <id>", "instead of a random one")
    .option("--metadata <key=value>", "a member of the registration; JSON or a text, null removes it", collect, [])
    .option("--scope <scopes>", "instead of the API's and the device's")
    .option("--older-servers", "find the issuer as the drafts before 2025 did: auth_issuer, then OpenID discovery")
    .option("--code-flow", "an authorization link instead of a device code")
    .option("--redirect-uri <uri>", "where the link leads back to", "http://127.0.0.1/callback")
    .option("--step-by-step", "wait for Enter between the steps")
    .option("--reveal", "print secrets as they are")
    .addOption(new Option("--as <form>", "each request also in this form, to be copied").choices(Object.keys(FORMS)))
    .option(
      "--allow-networks <list>",
      "networks that are not public and may be called: loopback, private, 10.0.0.0/8 …",
    )
    .addHelpText("after", EXPLANATION)
    .action(runHere<Flags>((out, [homeserver = ""], flags) => walk(out, homeserver, flags)));
}

type Flags = WalkFlags & TranscriptFlags & { readonly allowNetworks?: string };

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function walk(out: Output, homeserver: string, flags: Flags): Promise<void> {
  const list = flags.allowNetworks ?? environment.COATCHECK_ALLOW_NETWORKS ?? "";
  const networks = networksOf("--allow-networks", list);
  const interrupts = listenToInterrupts();
  const { signal } = interrupts;
  try {
    const transcript = createTranscript(out, flags);
    const worlds = { during: walkWorld(networks, systemClock, signal), after: walkWorld(networks, systemClock) };
    await takeSteps(out, homeserver, flags, { transcript, worlds, signal });
  } finally {
    interrupts.end();
    // One that was read from keeps the process alive, though nobody reads it any more.
    if (flags.codeFlow || flags.stepByStep) process.stdin.destroy();
  }
}
