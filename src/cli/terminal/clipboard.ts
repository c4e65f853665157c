import { startProgram } from "../frame/children.ts";

const PROGRAMS: readonly (readonly [program: string, ...args: string[]])[] =
  process.platform === "darwin"
    ? [["pbcopy"]]
    : process.platform === "win32"
      ? [["clip.exe"]]
      : [["wl-copy"], ["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"], ["clip.exe"]];

/**
 * Copies by the first program that takes it; else asks the terminal itself (OSC 52), which works through SSH and says
 * nothing about whether it did. Answers how; `undefined` where nobody takes it.
 */
export async function copyText(text: string): Promise<string | undefined> {
  for (const [program, ...args] of PROGRAMS) if (await pipe(program, args, text)) return program;
  if (!process.stderr.isTTY) return undefined;
  process.stderr.write(`\x1b]52;c;${Buffer.from(text).toString("base64")}\x07`);
  return "the terminal";
}

/** wl-copy and xclip stay behind to serve the selection: what counts is that they did not fail at once. */
function pipe(program: string, args: readonly string[], text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = startProgram(program, args, { stdio: ["pipe", "ignore", "ignore"], detached: true });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
    child.stdin?.on("error", () => {}).end(text);
    child.unref();
    AbortSignal.timeout(500).addEventListener("abort", () => resolve(true));
  });
}
