import { QUIRKS, type Quirk } from "../../api/walk.ts";
import type { Profile } from "./profile.ts";

/** Seconds. */
const SHORT = 10;

/** What a kind of server does when somebody has switched something on (MX-P15); the rest of a quirk's work is where it is asked for. */
const CHANGES: Readonly<Partial<Record<Quirk, (profile: Profile) => Profile>>> = {
  no_complete_uri: ({ device: { complete: _, ...device }, ...profile }) => ({ ...profile, device }),
  slow_down: ({ device, ...profile }) => ({ ...profile, device: { ...device, slowDownFirst: true } }),
  expired_code: ({ device, ...profile }) => ({ ...profile, device: { ...device, life: SHORT } }),
  short_tokens: ({ refresh, ...profile }) => ({ ...profile, refresh: { ...refresh, accessLife: SHORT } }),
  strict_rotation: ({ refresh, ...profile }) => ({ ...profile, refresh: { ...refresh, rotation: { kind: "strict" } } }),
  flipped_soft_logout: ({ homeserver, ...profile }) => ({
    ...profile,
    homeserver: { ...homeserver, softLogout: !homeserver.softLogout },
  }),
};

/** The switches of one simulated homeserver, and the profile with them. */
export class Switches {
  readonly #usual: Profile;
  #quirks: readonly Quirk[] = [];
  #now: Profile;
  /** What the server's parts hold: each look at it sees the switches as they are then. */
  readonly profile: Profile;

  constructor(profile: Profile) {
    this.#usual = profile;
    this.#now = profile;
    this.profile = new Proxy(profile, { get: (_, name) => Reflect.get(this.#now, name) });
  }

  get quirks(): readonly Quirk[] {
    return this.#quirks;
  }

  has(quirk: Quirk): boolean {
    return this.#quirks.includes(quirk);
  }

  /** Exactly these from now on; names that are none are left out. */
  set(names: readonly unknown[]): void {
    this.#quirks = QUIRKS.filter((quirk) => names.includes(quirk));
    this.#now = this.#quirks.reduce((profile, quirk) => CHANGES[quirk]?.(profile) ?? profile, this.#usual);
  }
}
