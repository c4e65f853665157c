import { type Command, Option } from "commander";
import { walkWorld } from "../../compose/walk.ts";
import { systemClock } from "../../process/clock.ts";
import { loadEgress, networksOf } from "../../process/config.ts";
import { defineHere } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { listenToInterrupts } from "../frame/interrupts.ts";
import type { Output } from "../frame/output.ts";
import { runHere } from "../frame/run-here.ts";
import { takeSteps, type WalkFlags } from "../walk/steps.ts";
import { createTranscript, FORMS, type TranscriptFlags } from "../walk/transcript.ts";

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
    .addOption(
      new Option("--as <form>", "also print each request in this form, ready to copy").choices(Object.keys(FORMS)),
    )
    .option(
      "--allow-networks <list>",
      "networks that are not public but may be called: loopback, private, 10.0.0.0/8 …",
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
  const way = { networks: networksOf("--allow-networks", list), egress: loadEgress({}) };
  const interrupts = listenToInterrupts();
  const { signal } = interrupts;
  try {
    const transcript = createTranscript(out, flags);
    const worlds = { during: walkWorld(way, systemClock, signal), after: walkWorld(way, systemClock) };
    await takeSteps(out, homeserver, flags, { transcript, worlds, signal });
  } finally {
    interrupts.end();
    // One that was read from keeps the process alive, though nobody reads it any more.
    if (flags.codeFlow || flags.stepByStep) process.stdin.destroy();
  }
}
