import { walkWorld } from "../../compose/walk.ts";
import { systemClock } from "../../process/clock.ts";
import { loadEgress } from "../../process/config.ts";
import { networksOf } from "../../process/setting-values.ts";
import { environment } from "../frame/environment.ts";
import { listenToInterrupts } from "../frame/interrupts.ts";
import type { Output } from "../frame/output.ts";
import { takeSteps, type WalkFlags } from "./steps.ts";
import { createTranscript, type TranscriptFlags } from "./transcript.ts";

export type Flags = WalkFlags & TranscriptFlags & { readonly allowNetworks?: string; readonly caFile?: string };

/** A login at a homeserver, step by step in this terminal; revoked at its end. */
export async function walk(out: Output, homeserver: string, flags: Flags): Promise<void> {
  const list = flags.allowNetworks ?? environment.COATCHECK_ALLOW_NETWORKS ?? "";
  const way = { networks: networksOf("--allow-networks", list), egress: loadEgress(flags) };
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
