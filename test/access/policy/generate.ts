import assert from "node:assert/strict";
import { CAPABILITIES } from "../../../src/access/policy/policy.ts";
import type { Written } from "./reference.ts";

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pick<T extends object | string | number>(roll: () => number, from: readonly T[]): T {
  const picked = from[Math.floor(roll() * from.length)];
  assert.ok(picked !== undefined, "nothing to pick from");
  return picked;
}

/** Few, so that paths and patterns meet. */
const SEGMENTS = ["a", "b", "ab", "a+", "ba"];
const SAID = [...CAPABILITIES, "list", "read", "list", "read", "list", "read", "deny"];

function segments(roll: () => number, of: readonly string[]): string {
  return Array.from({ length: 1 + Math.floor(roll() * 4) }, () => pick(roll, of)).join("/");
}

export function somePath(roll: () => number): string {
  return segments(roll, SEGMENTS) + pick(roll, ["", "", "/"]);
}

function somePattern(roll: () => number): string {
  const path = segments(roll, [...SEGMENTS, "+", "+"]) + pick(roll, ["", "", "/", "*", "*", "/*"]);
  return path.includes("+*") ? path.replaceAll("+*", "+/*") : path;
}

export function someRules(roll: () => number): readonly Written[] {
  return Array.from({ length: 1 + Math.floor(roll() * 7) }, () => ({
    path: somePattern(roll),
    capabilities: Array.from({ length: Math.ceil(roll() * 4) - 1 }, () => pick(roll, SAID)),
  }));
}

/** As people write them. */
export function textOf(rules: readonly Written[]): string {
  return rules
    .map(({ path, capabilities }) => `path ${JSON.stringify(path)} { capabilities = ${JSON.stringify(capabilities)} }`)
    .join("\n");
}
