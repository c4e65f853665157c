import fc from "fast-check";
import type { ProviderMood } from "./provider.ts";
import type { StoreMood } from "./store-port.ts";

/** Names and instances are numbers, taken modulo how many there are. */
interface At {
  readonly who: number;
}

/** What is asked of an instance. */
export type Request =
  | (At & { readonly what: "import"; readonly name: number })
  | (At & { readonly what: "device"; readonly name: number })
  | (At & { readonly what: "delete"; readonly name: number })
  | (At & { readonly what: "retry"; readonly name: number })
  | (At & { readonly what: "read"; readonly name: number; readonly minimum: number })
  | (At & { readonly what: "write server" })
  | (At & { readonly what: "write config" });

/** Something that happens to the world from outside. */
export type Happening =
  | Request
  | { readonly what: "time passes"; readonly milliseconds: number }
  | { readonly what: "approve"; readonly name: number }
  | { readonly what: "end"; readonly name: number }
  | (At & { readonly what: "kill" })
  | (At & { readonly what: "stop" })
  /** It stands still for longer than its leases last. */
  | (At & { readonly what: "oversleep" })
  | { readonly what: "continue" }
  | { readonly what: "start" }
  /** Somebody sets the host's clock: it is wrong by so much. */
  | (At & { readonly what: "clock is set"; readonly milliseconds: number })
  | { readonly what: "store"; readonly mood: StoreMood }
  | (At & { readonly what: "cut off" })
  | { readonly what: "provider"; readonly mood: ProviderMood };

/** Plain objects, so that a counterexample reads like what it is. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(model, { noNullPrototype: true });

const small = fc.nat({ max: 5 });

const SECOND = 1_000;

const passes = (least: number, most: number) =>
  record({ what: fc.constant("time passes" as const), milliseconds: fc.integer({ min: least, max: most }) });

const toCredential = <W extends string>(what: W) => record({ what: fc.constant(what), name: small, who: small });

const toInstance = <W extends string>(what: W) => record({ what: fc.constant(what), who: small });

/** By weight: most of the time little time passes, so that what is under way meets what happens next. */
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 26, arbitrary: passes(1, 150) },
  { weight: 14, arbitrary: passes(150, 3 * SECOND) },
  { weight: 8, arbitrary: passes(3 * SECOND, 25 * SECOND) },
  {
    weight: 12,
    arbitrary: record({
      what: fc.constant("read" as const),
      name: small,
      who: small,
      minimum: fc.constantFrom(0, 0, 15, 40),
    }),
  },
  { weight: 7, arbitrary: toCredential("import") },
  { weight: 5, arbitrary: toCredential("device") },
  { weight: 10, arbitrary: record({ what: fc.constant("approve" as const), name: small }) },
  { weight: 4, arbitrary: toCredential("delete") },
  { weight: 1, arbitrary: toCredential("retry") },
  { weight: 1, arbitrary: record({ what: fc.constant("end" as const), name: small }) },
  { weight: 3, arbitrary: toInstance("kill") },
  { weight: 8, arbitrary: record({ what: fc.constant("start" as const) }) },
  { weight: 2, arbitrary: toInstance("stop") },
  { weight: 2, arbitrary: toInstance("oversleep") },
  { weight: 3, arbitrary: record({ what: fc.constant("continue" as const) }) },
  { weight: 1, arbitrary: toInstance("write server") },
  { weight: 1, arbitrary: toInstance("write config") },
  { weight: 1, arbitrary: toInstance("cut off") },
  {
    weight: 1,
    arbitrary: record({
      what: fc.constant("clock is set" as const),
      who: small,
      milliseconds: fc.constantFrom(-3_600 * SECOND, -5 * SECOND, 5 * SECOND, 3_600 * SECOND),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      what: fc.constant("store" as const),
      mood: fc.constantFrom<StoreMood>("gone", "read-only", "loses answers"),
    }),
  },
  {
    weight: 4,
    arbitrary: record({
      what: fc.constant("provider" as const),
      mood: fc.constantFrom<ProviderMood>("flaky", "flaky", "silent", "throttling", "odd", "down", "lies", "no client"),
    }),
  },
);

/** What stays the same in one run. */
export interface Setting {
  readonly seed: number;
  /** One with its own SQLite, or several on one database. */
  readonly instances: 1 | 3;
  readonly rotation: "none" | "reusable" | "until-successor-used" | "grace" | "strict";
  /** Life of an access token, seconds. */
  readonly life: number;
  /** The provider may say `invalid_grant` although it is not so. */
  readonly lies: boolean;
}

export const setting: fc.Arbitrary<Setting> = record({
  seed: fc.nat({ max: 2 ** 31 - 1 }),
  instances: fc.constantFrom<1 | 3>(1, 3, 3),
  rotation: fc.constantFrom<Setting["rotation"]>(
    "strict",
    "strict",
    "grace",
    "until-successor-used",
    "reusable",
    "none",
  ),
  life: fc.constantFrom(20, 60, 60, 150),
  lies: fc.constantFrom(false, false, false, true),
});
