import type { TestContext } from "node:test";
import { spawn } from "@lydell/node-pty";
import { BIN } from "../bin.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A pseudo-terminal in which a command runs. */
export interface Terminal {
  /** Every byte that came, escapes included. */
  raw(): string;
  /** What a person sees, with what has scrolled away above it; without colours. */
  seen(): string;
  press(keys: string): void;
  /** Waits until it is seen. */
  sees(what: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<number>;
  kill(signal: string): void;
}

/** A shell's line in a pseudo-terminal; `coatcheck` in it is the command. */
export function openShell(t: TestContext, line: string, env: Record<string, string>): Terminal {
  const script = `coatcheck() { '${process.execPath}' '${BIN}' "$@"; }; ${line}`;
  return openProgram(t, ["sh", "-c", script], env, { columns: 80, rows: 24 });
}

export function openTerminal(
  t: TestContext,
  args: readonly string[],
  env: Record<string, string>,
  size: TerminalSize = { columns: 80, rows: 24 },
): Terminal {
  return openProgram(t, [process.execPath, BIN, ...args], env, size);
}

function openProgram(
  t: TestContext,
  [program = "", ...args]: readonly string[],
  env: Record<string, string>,
  { columns, rows }: TerminalSize,
): Terminal {
  const child = spawn(program, args, {
    cols: columns,
    rows,
    env: { PATH: process.env.PATH ?? "", TERM: "xterm-256color", ...env },
  });
  let raw = "";
  child.onData((text) => {
    raw += text;
  });
  let over = false;
  const ended = new Promise<number>((done) => {
    child.onExit(({ exitCode, signal }) => {
      over = true;
      done(signal ? 128 + signal : exitCode);
    });
  });
  t.after(() => {
    if (!over) child.kill("SIGKILL");
  });
  const seen = () => render(raw);
  return {
    raw: () => raw,
    seen,
    press: (keys) => child.write(keys),
    kill: (signal) => child.kill(signal),
    ended,
    sees: async (what) => {
      for (const end = performance.now() + 20_000; ; ) {
        const match = what.exec(seen());
        if (match) return match;
        if (over || performance.now() > end) throw new Error(`not seen: ${what}\n${seen()}`);
        await new Promise((next) => setTimeout(next, 20));
      }
    },
  };
}

/** Escape sequences, operating system commands, single characters. */
const PARTS = new RegExp(
  ["\x1b\\[[\\d;?]*[a-zA-Z]", "\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)", "[\\s\\S]"].join("|"),
  "gu",
);

/** Of what a terminal does: new lines, carriage returns, erasing to the end of a line. Colours are left away. */
function render(raw: string): string {
  const lines = [""];
  let column = 0;
  for (const part of raw.match(PARTS) ?? []) {
    const line = lines.at(-1) ?? "";
    if (part === "\n") {
      lines.push("");
      column = 0;
    } else if (part === "\r") column = 0;
    else if (part === "\x1b[K") lines[lines.length - 1] = line.slice(0, column);
    else if (!part.startsWith("\x1b")) {
      lines[lines.length - 1] = line.slice(0, column) + part + line.slice(column + 1);
      column += 1;
    }
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}
