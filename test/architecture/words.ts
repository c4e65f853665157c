import { at, type Source } from "./sources.ts";
import { type Use, usesOf } from "./uses.ts";

/** Names of the platform that stand only in their homes. */
interface Rule {
  readonly words: readonly string[];
  /** File, or folder with a slash at its end → why it may. */
  readonly homes: Readonly<Record<string, string>>;
  /** What to do instead. */
  readonly why: string;
}

const CLOCK = { "src/process/clock.ts": "it is the clock", "src/client/time.ts": "the library brings its own clock" };
const DEV = "servers for development are given another clock by tests";
const PAGE = "a browser has no clock but its own";
const HUMAN = "how long a person or a process is waited for, in a process that ends with it";

const RULES: readonly Rule[] = [
  {
    words: ["Date.now", "new Date()", "Date()", "Temporal", "process.hrtime", "process.uptime"],
    homes: { ...CLOCK, "src/process/log.ts": "its lines tell the host's time, whatever time tests have" },
    why: "take a Clock: tests move time by hand",
  },
  {
    words: ["performance"],
    homes: { ...CLOCK, "src/cli/": HUMAN, "src/dev/": DEV, "src/web/": PAGE },
    why: "take a Clock: tests move time by hand",
  },
  {
    words: ["setTimeout", "setInterval", "queueMicrotask", "process.nextTick", "scheduler"],
    homes: { ...CLOCK, "src/web/": PAGE },
    why: "wait on a Clock; every longer wait is a due time in the store",
  },
  {
    words: ["setImmediate"],
    homes: {
      "src/store/sqlite/group-commit.ts": "it gathers the writes of a turn",
      "src/store/walk.ts": "whoever walks many rows gives everybody else a turn",
      "src/process/log.ts": "it gathers the lines of a turn",
      "src/audit/outbox.ts": "it gathers the lines of a turn",
    },
    why: "only the group commit, the logs and the walk through many rows wait for the end of a turn",
  },
  {
    words: ["process.env"],
    homes: {
      "src/process/config.ts": "it reads the environment, once",
      "src/cli/frame/environment.ts": "it hands the environment to the command line",
    },
    why: "config.ts reads the environment; for the command line cli/frame/environment.ts",
  },
  {
    words: ["fetch"],
    homes: {
      "src/client/transport.ts": "a program brings its own, or the platform's is taken",
      "src/web/": "a browser guards its requests itself",
      "src/cli/connect/": "the way to a broker, which is where the person says it is",
      "src/cli/commands/doctor.ts": "it says what stands between the person and a broker",
      "src/cli/import/read-addresses.ts": "it asks what the person names, from the person's machine",
      "src/cli/agent/assume-role.ts": "STS is asked from the person's machine; a helper cannot wait for undici to load",
    },
    why: "use the guarded fetch that compose made",
  },
  {
    words: ["XMLHttpRequest", "WebSocket", "EventSource", "navigator.sendBeacon"],
    homes: {},
    why: "whatever leaves the process passes the guarded fetch",
  },
  { words: ["Math.random"], homes: {}, why: "randomness comes from the CSPRNG" },
  { words: ["console"], homes: {}, why: "log through log.ts, or write to the streams in cli/" },
  {
    words: ["process.stdout", "process.stderr"],
    homes: {
      "src/cli/frame/output.ts": "what commands say passes here, and is made visible",
      "src/cli/frame/quiet-pipe.ts": "it minds the streams' ends",
      "src/cli/terminal/": "it draws, and asks whether a terminal is there",
      "src/cli/helpers/run.ts": "it answers other programs",
      "src/cli/bridge/agent-side.ts": "messages go to the agent as they are, and what is for people is made visible",
      "src/cli/agent/fast-token.ts": "it loads nothing, and writes a token alone",
      "src/cli/connect/verbose-fetch.ts": "it says requests as they are sent",
    },
    why: "say it by the command's Output, which makes foreign texts visible (ST-8)",
  },
  {
    words: ["require", "module", "process.getBuiltinModule", "process.binding", "process.dlopen", "process.mainModule"],
    homes: {},
    why: "import what is needed, so that the table sees it",
  },
  { words: ["eval", "Function"], homes: {}, why: "code does not come from text" },
  {
    words: ["globalThis"],
    homes: {
      "src/client/transport.ts": "a browser's fetch wants it as this",
      "src/cli/commands/doctor.ts": "as above",
    },
    why: "name what is used of it, so that these rules see it",
  },
];

/** In comments. */
const REMARKS: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /@ts-(ignore|expect-error|nocheck)/, why: "mend the type" },
  { pattern: /biome-ignore/, why: "an exception is a row of a checked table, with its reason" },
  { pattern: /\b(TODO|FIXME|XXX)\b/, why: "do it, or open an issue" },
];

export function wordsOf(source: Source): readonly string[] {
  const words = usesOf(source).flatMap((use) =>
    RULES.filter((rule) => rule.words.some((word) => isMeant(use, word)) && !homeOf(rule, source.path)).map(
      ({ why }) => `${at(source, use.node)} ${use.name}: ${why}`,
    ),
  );
  const remarks = source.comments.flatMap((comment) =>
    REMARKS.filter(({ pattern }) => pattern.test(comment.value)).map(
      ({ pattern, why }) => `${at(source, comment)} ${pattern.exec(comment.value)?.[0]}: ${why}`,
    ),
  );
  const anys = source.nodes.filter(({ type }) => type === "TSAnyKeyword");
  return [...words, ...remarks, ...anys.map((node) => `${at(source, node)} any: say what it is`)];
}

/** Homes that nobody lives in. */
export function emptyHomes(sources: readonly Source[]): readonly string[] {
  const uses = sources.flatMap((source) => usesOf(source).map((use) => ({ use, path: source.path })));
  return RULES.flatMap((rule) => {
    const lived = new Set(
      uses.filter(({ use }) => rule.words.some((word) => isMeant(use, word))).map(({ path }) => homeOf(rule, path)),
    );
    return Object.keys(rule.homes)
      .filter((home) => !lived.has(home))
      .map((home) => `${home} has no ${rule.words.join(", ")}: its row can go`);
  });
}

function homeOf({ homes }: Rule, path: string): string | undefined {
  return Object.keys(homes).find((home) => path === home || (home.endsWith("/") && path.startsWith(home)));
}

/** The word itself, a member of it, or something that has it and goes where nobody can follow. */
function isMeant({ name, escapes }: Use, word: string): boolean {
  if (name === word || name.startsWith(`${word}.`)) return true;
  return escapes && (word.startsWith(`${name}.`) || word === `new ${name}()`);
}
