import type { Quirk, SIMULATED } from "../../api/walk.ts";
import { walkWorld } from "../../compose/walk.ts";
import { systemClock } from "../../process/clock.ts";
import { loadEgress } from "../../process/config.ts";
import { networksOf } from "../../process/setting-values.ts";
import { environment } from "../frame/environment.ts";
import { usage } from "../frame/fail.ts";
import { listenToInterrupts } from "../frame/interrupts.ts";
import type { Output } from "../frame/output.ts";
import { takeSteps, type WalkFlags } from "./steps.ts";
import { createTranscript, type TranscriptFlags } from "./transcript.ts";

interface Surroundings {
  readonly allowNetworks?: string;
  readonly caFile?: string;
  /** Instead of a homeserver: one that plays in this process. */
  readonly simulate?: (typeof SIMULATED)[number];
  readonly quirk: readonly Quirk[];
}

export type Flags = WalkFlags & TranscriptFlags & Surroundings;

/** A login at a homeserver, step by step in this terminal; revoked at its end. */
export async function walk(out: Output, homeserver: string | undefined, flags: Flags): Promise<void> {
  const { simulate, quirk } = flags;
  if ((homeserver === undefined) === (simulate === undefined)) throw usage("give a homeserver, or --simulate KIND");
  if (simulate === undefined && quirk.length > 0)
    throw usage("--quirk is for a simulated homeserver: add --simulate KIND");
  if (simulate === undefined) return walkAt(out, homeserver ?? "", flags);
  const { startSimulator } = await import("../../dev/matrix/simulators.ts");
  const simulator = await startSimulator(simulate, quirk);
  try {
    await walkAt(out, simulator.url, { ...flags, allowNetworks: "loopback" });
  } finally {
    await simulator.close();
  }
}

async function walkAt(out: Output, homeserver: string, flags: Flags): Promise<void> {
  const list = flags.allowNetworks ?? environment().COATCHECK_ALLOW_NETWORKS ?? "";
  const way = { networks: networksOf("--allow-networks", list), egress: loadEgress(flags) };
  const interrupts = listenToInterrupts();
  const { signal } = interrupts;
  try {
    const transcript = createTranscript(out, flags);
    const worlds = { during: walkWorld(way, systemClock, signal), after: walkWorld(way, systemClock) };
    await takeSteps(out, homeserver, flags, { transcript, worlds, signal, simulated: flags.simulate !== undefined });
  } finally {
    interrupts.end();
    // One that was read from keeps the process alive, though nobody reads it any more.
    if (flags.codeFlow || flags.stepByStep) process.stdin.destroy();
  }
}
