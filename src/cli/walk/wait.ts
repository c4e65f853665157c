import { createInterface } from "node:readline";
import { systemClock } from "../../process/clock.ts";

/** One line of stdin; empty where it has ended or the signal came. No raw mode: Ctrl-C stays a signal. */
export function readLine(signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, terminal: false });
  return new Promise((done) => {
    lines.once("line", (line) => {
      done(line);
      lines.close();
    });
    lines.once("close", () => done(""));
    signal.addEventListener("abort", () => lines.close(), { once: true });
  });
}

/** Resolves at that time (epoch milliseconds), or when the signal comes. */
export function until(at: number, now: () => number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const look = () => {
      const left = at - now();
      if (left <= 0 || signal.aborted) return done();
      const cancel = systemClock.after(left, look);
      const stop = () => {
        cancel();
        done();
      };
      signal.addEventListener("abort", stop, { once: true });
    };
    look();
  });
}
