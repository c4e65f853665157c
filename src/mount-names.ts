/** The mount where nobody says otherwise. */
export const FIRST_MOUNT = "oauth2";

/** Path segments that belong to a mount's own nouns, to Vault's other mounts, or to what policies name without `/v1/` (ST-174). */
const NOUNS = new Set("config servers auth-code-url creds self sts callback plan check try".split(" "));
const RESERVED = new Set(["sys", "auth", "identity", "cubbyhole", "sessions", "metrics"]);

/** What is wrong with a mount's name; undefined = nothing. A nested one must not look like another's noun. */
export function problemOfMount(mount: string): string | undefined {
  const segments = mount.split("/");
  const plain = segments.every((segment) => /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(segment) && !NOUNS.has(segment));
  return plain && !RESERVED.has(segments[0] ?? "") ? undefined : `"${mount}" is not a valid name for a mount`;
}

/** The configured mounts, or an error that ends the start. */
export function checkMounts(mounts: readonly string[]): readonly string[] {
  if (mounts.length === 0) throw new Error("at least one mount is needed");
  for (const mount of mounts) {
    const problem = problemOfMount(mount);
    if (problem !== undefined) throw new Error(problem);
  }
  if (new Set(mounts).size < mounts.length) throw new Error("two mounts have the same name");
  return mounts;
}

/**
 * All mounts where a list names more than the first. Throws an error whose message says what is wrong with it; one below another is, since
 * a policy for all of the one would reach the other.
 */
export function mountsOf(list: string): readonly string[] {
  const more = list.split(/[\s,]+/).filter((one) => one !== "");
  const all = checkMounts([FIRST_MOUNT, ...more.map((one) => one.replace(/\/$/, ""))]);
  const inner = all.find((one) => all.some((outer) => isBelow(one, outer)));
  if (inner !== undefined) throw new Error(`"${inner}" lies below another mount: give it a name of its own`);
  return all;
}

/** Which of the mounts has a path, or lies above or below it; undefined = none is in its way. */
export function mountInTheWay(mounts: readonly string[], path: string): string | undefined {
  return mounts.find((one) => one === path || isBelow(one, path) || isBelow(path, one));
}

function isBelow(one: string, outer: string): boolean {
  return one.startsWith(`${outer}/`);
}

/** The mount a path lies under, each with `/` at the end; the longest prefix wins. */
export function longestMount(mounts: readonly string[], path: string): string | undefined {
  const within = mounts.filter((mount) => `${path}/`.startsWith(mount));
  return within.toSorted((a, b) => b.length - a.length)[0];
}
