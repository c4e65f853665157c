import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { usage } from "../frame/fail.ts";
import { interruption } from "../frame/interrupts.ts";
import { visible } from "../frame/visible.ts";

/** Asks the person at the terminal for one line. `hidden`: what is typed is not shown. Ctrl-C ends the command. */
export function ask(question: string, { hidden = false } = {}): Promise<string> {
  const shown = new Writable({
    write(chunk, _encoding, done) {
      if (!hidden) process.stderr.write(chunk);
      done();
    },
  });
  // The prompt is the interface's too: redrawing the line must not wipe it out.
  const lines = createInterface({ input: process.stdin, output: shown, terminal: true, prompt: visible(question) });
  // Only now the terminal echoes nothing by itself.
  process.stderr.write(visible(question));
  let lineIsEnded = false;
  return new Promise<string>((answer, fail) => {
    lines.once("line", (line) => {
      lineIsEnded = !hidden;
      answer(line.trim());
    });
    lines.once("SIGINT", () => fail(interruption("nothing was changed")));
    lines.once("close", () => fail(usage("the answer is missing: nothing was changed")));
  }).finally(() => {
    // Its own listeners must stay until now: they take it off the terminal, where the next question would be heard twice.
    lines.close();
    if (!lineIsEnded) process.stderr.write("\n");
  });
}
