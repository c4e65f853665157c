/** Frames of a stack that are logged. */
const FRAMES = 8;

/** Name and place of an unknown exception, for the log; its message may hold anything, a secret too. */
export function describeError(error: unknown): { readonly error: string; readonly at: string } {
  if (!(error instanceof Error)) return { error: typeof error, at: "" };
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  const at = frames.slice(0, FRAMES).map((line) => line.trim().slice("at ".length));
  return { error: error.name, at: at.join("; ") };
}
