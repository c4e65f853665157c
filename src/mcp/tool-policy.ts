import { isAmbiguous } from "./ambiguous.ts";

/** Which tools of a server may be seen and called, by name or glob (MCP-G4). Nothing said: every one. */
export interface ToolPolicy {
  /** Only what one of these matches; absent = all. An empty list allows none. */
  readonly allow?: readonly string[];
  /** None that one of these matches, whatever is allowed. */
  readonly deny?: readonly string[];
}

/** Whether it says anything. */
export function restricts({ allow, deny }: ToolPolicy): boolean {
  return allow !== undefined || deny !== undefined;
}

/** A policy from two lists, of which an empty one says nothing. */
export function policyOf(allow: readonly string[], deny: readonly string[]): ToolPolicy {
  return { ...(allow.length > 0 && { allow }), ...(deny.length > 0 && { deny }) };
}

/** Characters of a pattern: tool names have 128 at most (MCP 2025-11-25 server/tools, "Tool Names"). */
export const LONGEST_PATTERN = 128;

/** What is wrong with a pattern, as the end of a sentence; undefined: nothing. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern === "") return "must not be empty";
  if (pattern.length > LONGEST_PATTERN) return `may have at most ${LONGEST_PATTERN} characters`;
  return /^[\x21-\x7e]+$/.test(pattern) ? undefined : "must be a tool's name, with * for any characters and ? for one";
}

/** Whether each of these policies allows the tool: the narrower one decides. */
export function isToolAllowed(policies: readonly ToolPolicy[], name: string): boolean {
  return policies.every(
    ({ allow, deny }) =>
      (allow === undefined || allow.some((glob) => matchesGlob(glob, name))) &&
      !deny?.some((glob) => matchesGlob(glob, name)),
  );
}

/** Whether these policies leave anything out. */
function isRestricted(policies: readonly ToolPolicy[]): boolean {
  return policies.some(({ allow, deny }) => allow !== undefined || deny !== undefined);
}

/** Why a message may not go to the server as this JSON text; undefined: it may (ST-47). */
export function messageProblem(policies: readonly ToolPolicy[], message: Called, json: string): string | undefined {
  if (!isRestricted(policies)) return undefined;
  return isAmbiguous(json) ? AMBIGUOUS : callProblem(policies, message);
}

/** What is said of an ambiguous text. */
export const AMBIGUOUS = "a member of the message comes twice, or in another case of letters";

interface Called {
  readonly method?: unknown;
  readonly params?: unknown;
}

/**
 * Why what a message calls may not be called. A call is one whatever its `id` is, and where it has none; a name that is no text
 * is some tool's name to a server that makes a text of it.
 */
export function callProblem(policies: readonly ToolPolicy[], { method, params }: Called): string | undefined {
  if (method !== "tools/call" || !isRestricted(policies)) return undefined;
  const name = nameOf(params);
  if (name === "") return "the call names no tool";
  return isToolAllowed(policies, name) ? undefined : `the tool "${name}" is not allowed here`;
}

/** The result of a `tools/list` without what is not allowed; the same object where nothing is left out. */
export function withoutDeniedTools<Result>(policies: readonly ToolPolicy[], result: Result): Result {
  const tools = typeof result === "object" && result !== null && "tools" in result ? result.tools : undefined;
  if (!Array.isArray(tools)) return result;
  const allowed = tools.filter((tool) => isToolAllowed(policies, nameOf(tool)));
  return allowed.length === tools.length ? result : { ...result, tools: allowed };
}

/** Of what has no name nothing can be decided; no pattern matches it, but one that matches everything. */
function nameOf(tool: unknown): string {
  const name = typeof tool === "object" && tool !== null && "name" in tool ? tool.name : undefined;
  return typeof name === "string" ? name : "";
}

/** `*` is any characters, `?` is one; in time of the product of both lengths at most, whatever the pattern. */
function matchesGlob(glob: string, name: string): boolean {
  let [at, inGlob, star, retry] = [0, 0, -1, 0];
  while (at < name.length) {
    // First: a star in a name is a character like any other.
    if (glob[inGlob] === "*") {
      star = inGlob;
      inGlob += 1;
      retry = at;
    } else if (glob[inGlob] === "?" || glob[inGlob] === name[at]) {
      at += 1;
      inGlob += 1;
    } else {
      if (star < 0) return false;
      retry += 1;
      at = retry;
      inGlob = star + 1;
    }
  }
  return /^\**$/.test(glob.slice(inGlob));
}
