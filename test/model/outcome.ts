import type { Told } from "./callers.ts";
import type { Grant } from "./provider-log.ts";
import { NAMES, type World } from "./world.ts";

/** Longest pause of an operator's fault is half an hour; a clock that was set back makes everything late by as much. Milliseconds. */
const LONGEST_HEALING = 3 * 3_600_000;
const STEP = 10_000;

/** Ways to end that somebody must mend; the evidence for each was asked for when it was stored. */
const ENDS: ReadonlySet<string> = new Set([
  "invalid_grant",
  "lost_in_rotation",
  "outcome_unknown",
  "expired_token",
  "rejected",
]);

/** I10, h8: faults have ended, so every credential is fresh again by itself, or says for good what it died of. */
export async function requireHealed(world: World): Promise<void> {
  await world.heal();
  const open = new Map<string, Told>(NAMES.map((name) => [name, {}]));
  for (let passed = 0; open.size > 0; passed += STEP) {
    for (const name of open.keys()) {
      const told = await world.read(name);
      open.set(name, told);
      if (isSettled(world, name, told)) open.delete(name);
    }
    if (passed > LONGEST_HEALING) throw new Error(`I10: never healed: ${JSON.stringify([...open])}`);
    if (open.size > 0) await world.timeline.pass(STEP);
  }
  await requireRevoked(world);
}

function isSettled(world: World, name: string, { accessToken, reason }: Told): boolean {
  const { rules, provider } = world;
  if (accessToken !== undefined) {
    const partner = provider.log.partnerOf(accessToken) ?? "";
    return provider.tokens.isGood(partner);
  }
  if (reason !== undefined) return ENDS.has(reason) || isWaitingForPerson(world, name);
  const state = rules.stateOf(name);
  const reaped = state !== undefined && rules.reasonOf(state) !== undefined;
  if (rules.mustExist(name) && !reaped) throw new Error(`I2: ${name} is gone, and nobody deleted it`);
  return true;
}

function isWaitingForPerson({ rules, provider }: World, name: string): boolean {
  const state = rules.stateOf(name);
  return state?.status === "pending" && state.flow === "device" && !provider.approved.has(state.deviceCode);
}

/** I7: what was deleted lives on nowhere, late answers included. */
async function requireRevoked(world: World): Promise<void> {
  const { rules, provider, timeline, callers, observer } = world;
  const lives = (grant: Grant) =>
    rules.wasDeleted(grant) && grant.tokens.some((token) => rules.isKept(token) && provider.tokens.isGood(token));
  for (let passed = 0; passed < LONGEST_HEALING && callers.grants.some(lives); passed += STEP)
    await timeline.pass(STEP);
  const [alive] = callers.grants.filter(lives);
  if (alive) throw new Error(`I7: the provider still honours a deleted grant: ${JSON.stringify(alive)}`);
  if (callers.grants.some((grant) => rules.wasDeleted(grant))) observer.see("deleted");
}
