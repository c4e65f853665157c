/** What decides who is asked for what: the members of a message, and of its `params`. */
const OF_MESSAGE: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params"]);
const OF_PARAMS: ReadonlySet<string> = new Set(["name", "uri"]);

/** A batch, a message, its `params`. */
const DEEPEST = 3;

interface Level {
  readonly isObject: boolean;
  readonly deciding: ReadonlySet<string> | undefined;
  readonly seen: Set<string>;
  key: string;
  expectsKey: boolean;
}

/**
 * Whether parsers can read different messages out of one JSON text: of two members of one name some take the first and some the
 * last, and some ignore the case of their letters, to which `ſ` is an `s` and `K` (U+212A) a `k` (Go's encoding/json).
 */
export function isAmbiguous(json: string): boolean {
  const levels: Level[] = [];
  // How far below what decides anything: counted, since a text of 16 MiB has millions of values.
  let below = 0;
  for (let at = 0; at < json.length; at++) {
    const top = levels.at(-1);
    const character = json[at];
    if (character === '"') {
      const end = endOfString(json, at);
      if (below === 0 && top?.expectsKey && isTaken(top, JSON.parse(json.slice(at, end)))) return true;
      at = end - 1;
    } else if (character === "{" || character === "[") {
      if (below > 0 || levels.length === DEEPEST) below += 1;
      else levels.push(levelIn(levels, character === "{"));
    } else if (character === "}" || character === "]") {
      if (below > 0) below -= 1;
      else levels.pop();
    } else if (character === "," && below === 0 && top) top.expectsKey = top.isObject;
  }
  return false;
}

function levelIn(levels: readonly Level[], isObject: boolean): Level {
  const above = levels.at(-1);
  const isMessage = above === undefined || (levels.length === 1 && !above.isObject);
  const isParams = above?.deciding === OF_MESSAGE && above.key === "params";
  const deciding = isMessage ? OF_MESSAGE : isParams ? OF_PARAMS : undefined;
  return { isObject, deciding: isObject ? deciding : undefined, seen: new Set(), key: "", expectsKey: isObject };
}

function isTaken(level: Level, key: string): boolean {
  level.key = key;
  level.expectsKey = false;
  // Unicode's simple case folding, for all letters that fold to ASCII.
  const name = key.toUpperCase().toLowerCase();
  if (!level.deciding?.has(name)) return false;
  if (name !== key || level.seen.has(key)) return true;
  level.seen.add(key);
  return false;
}

/** Behind its closing quote. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; ; at++) {
    if (json[at] === "\\") at += 1;
    else if (json[at] === '"') return at + 1;
  }
}
