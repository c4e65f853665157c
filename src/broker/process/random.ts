import { randomBytes, randomInt } from "node:crypto";
import type { Context } from "./context.ts";

/** 128 random bits, base64url. */
export function newId(): string {
  return randomBytes(16).toString("base64url");
}

/** The moment of a transition, with jitter from the CSPRNG. */
export function moment({ clock }: Pick<Context, "clock">): { readonly now: number; readonly random: number } {
  return { now: clock.now(), random: randomInt(2 ** 32) / 2 ** 32 };
}
