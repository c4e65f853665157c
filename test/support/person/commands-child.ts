import { COMMANDS } from "../../../src/cli/commands.ts";
import { runProgram } from "../../../src/cli/frame/program.ts";

/** What a command wrote, and how it ended. */
export interface CommandSaid {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Bound to this process, which prints nothing itself: in the one of a test its report goes the same way. */
async function runHere(words: readonly string[], env: Readonly<Record<string, string>>): Promise<CommandSaid> {
  const before = { ...process.env };
  const said = { out: "", err: "" };
  for (const [stream, name] of [
    [process.stdout, "out"],
    [process.stderr, "err"],
  ] as const) {
    stream.write = (text: string | Uint8Array) => {
      said[name] += String(text);
      return true;
    };
  }
  Object.assign(process.env, env);
  process.argv = [process.execPath, ...words];
  await runProgram(COMMANDS, words.slice(1));
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  const code = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { ...said, code };
}

process.on("message", async ({ words, env }: { words: readonly string[]; env: Record<string, string> }) => {
  process.send?.(await runHere(words, env));
});
