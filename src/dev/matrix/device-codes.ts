import { randomInt } from "node:crypto";
import type { Proper } from "../proper.ts";
import type { Profile } from "./profile.ts";
import { Refusal } from "./refusal.ts";
import type { RequestedScopes } from "./scopes.ts";

/**
 * What the page behind a user code tells the person. `error`: a policy was broken, and the program will not hear of it.
 */
export type PageOutcome = "done" | "unknown-code" | "error" | "too-many" | "cannot-refuse";

interface DeviceCode {
  readonly clientId: string;
  readonly asked: RequestedScopes;
  readonly endsAt: number;
  state: "pending" | "denied" | "used" | { readonly person: string };
  interval: number;
  polledAt: number;
  polls: number;
  openings: number;
}

export interface Redeemed {
  readonly clientId: string;
  readonly asked: RequestedScopes;
  readonly person: string;
  /** The code is spent from here on. */
  spend(): void;
}

/** Device codes (RFC 8628) and the page at which a person decides about them. */
export class DeviceCodes {
  readonly #profile: Profile;
  readonly #now: () => number;
  readonly #codes = new Map<string, DeviceCode>();
  readonly #byUserCode = new Map<string, DeviceCode>();
  #bucket: { readonly left: number; readonly at: number } | undefined;

  /** `now` in epoch milliseconds. */
  constructor(profile: Profile, now: () => number) {
    this.#profile = profile;
    this.#now = now;
  }

  /** The device authorization answer. */
  start(clientId: string, asked: RequestedScopes, page: string): Proper["body"] {
    const { life, interval, userCode, complete } = this.#profile.device;
    const startedAt = this.#now();
    const code = { clientId, asked, endsAt: startedAt + life * 1000, interval: interval ?? 5, polledAt: startedAt };
    const device: DeviceCode = { ...code, state: "pending", openings: 0, polls: 0 };
    const shown = userCode.groups.map((length) => random(userCode.alphabet, length)).join("-");
    const value = `device-code-${this.#codes.size + 1}`;
    this.#codes.set(value, device);
    this.#byUserCode.set(normalized(shown), device);
    return {
      device_code: value,
      user_code: shown,
      verification_uri: page,
      ...(complete && { verification_uri_complete: `${page}?${complete}=${shown}` }),
      expires_in: life,
      ...(interval !== undefined && { interval }),
    };
  }

  /** One poll: what the person approved. Throws `Refusal`. */
  poll(value: string, clientId: string): Redeemed {
    const { dead, slowDown, slowDownFirst } = this.#profile.device;
    const code = this.#codes.get(value);
    if (!code || code.clientId !== clientId || code.state === "used") throw new Refusal(dead, "no such device code");
    if (code.endsAt <= this.#now()) throw new Refusal("expired_token", "the device code is no longer valid");
    code.polls += 1;
    if (slowDownFirst && code.polls === 1) throw new Refusal("slow_down", "polled too soon");
    const early = slowDown && this.#now() - code.polledAt < code.interval * 1000;
    code.polledAt = this.#now();
    if (early) {
      code.interval += 5;
      throw new Refusal("slow_down", "polled too soon");
    }
    const { state } = code;
    if (state === "denied") throw new Refusal("access_denied", "the person denied the request");
    if (state === "pending") throw new Refusal("authorization_pending", "the person has not approved yet");
    const spend = () => {
      code.state = "used";
    };
    return { clientId, asked: code.asked, person: state.person, spend };
  }

  /** A person enters the code and allows. */
  approve(userCode: string, person: string): PageOutcome {
    return this.#decide(userCode, (code) => {
      if (code.asked.deadEnd) return "error";
      code.state = { person };
      return "done";
    });
  }

  /** A person enters the code and refuses. */
  deny(userCode: string): PageOutcome {
    return this.#decide(userCode, (code) => {
      if (!this.#profile.device.deniable) return "cannot-refuse";
      code.state = "denied";
      return "done";
    });
  }

  /** A person enters the code and decides nothing. */
  open(userCode: string): PageOutcome {
    return this.#decide(userCode, () => "done");
  }

  #decide(userCode: string, decision: (code: DeviceCode) => PageOutcome): PageOutcome {
    if (!this.#mayEnter()) return "too-many";
    const code = this.#byUserCode.get(normalized(userCode));
    if (!code || code.endsAt <= this.#now() || code.state !== "pending") return "unknown-code";
    code.openings += 1;
    if (code.openings <= (this.#profile.device.openings ?? Number.POSITIVE_INFINITY)) return decision(code);
    code.state = "used";
    return "too-many";
  }

  /** A bucket of entries that fills again with time. */
  #mayEnter(): boolean {
    const { entries } = this.#profile.device;
    if (!entries) return true;
    const { left, at } = this.#bucket ?? { left: entries.burst, at: this.#now() };
    const filled = Math.min(entries.burst, left + (this.#now() - at) / (entries.seconds * 1000));
    const may = filled >= 1;
    this.#bucket = { left: may ? filled - 1 : filled, at: this.#now() };
    return may;
  }
}

function random(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

function normalized(userCode: string): string {
  return userCode.toUpperCase().replace(/[^A-Z0-9]/g, "");
}
