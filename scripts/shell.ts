import { hostname } from "node:os";
import { spawn } from "@lydell/node-pty";

/** A shell in a terminal in which somebody types, for recordings of the running product. */
export class Shell {
  readonly #child: ReturnType<typeof spawn>;
  readonly #hidden: (readonly [text: string, shown: string])[] = [[hostname(), "laptop"]];
  #output = "";
  #all = "";

  /** `env` besides a terminal's own; `cwd` is where it starts. */
  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    const own = { PS1: "$ ", TERM: "xterm-256color", ...env };
    this.#child = spawn("sh", [], { cols: 96, rows: 40, cwd, env: own });
    this.#child.onData((text) => {
      this.#output += text;
    });
  }

  type(line: string): void {
    this.#child.write(`${line}\r`);
  }

  /** Waits until it is seen since the last picture; what stands in the first group, else all of it. */
  async sees(what: RegExp, limit = 30_000): Promise<string> {
    const end = performance.now() + limit;
    for (;;) {
      const found = what.exec(this.#output);
      if (found) return found[1] ?? found[0];
      if (performance.now() > end) throw new Error(`not seen: ${what}\n${this.#output}`);
      await new Promise((next) => setTimeout(next, 50));
    }
  }

  /** From now on shown as something else: a folder of this machine, a token. */
  hide(text: string, shown: string): void {
    this.#hidden.unshift([text, shown]);
  }

  /** All that was shown since the last time; a new prompt is below. */
  take(): string {
    const shown = this.#hidden.reduce((text, [one, other]) => text.replaceAll(one, other), this.#output);
    const taken = shown.replace(/\r\n\$ $/, "");
    this.#all += `${taken}\r\n`;
    this.#output = "$ ";
    return taken;
  }

  /** All that was taken. */
  get all(): string {
    return this.#all;
  }

  close(): void {
    this.#child.kill();
  }
}
