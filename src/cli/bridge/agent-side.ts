import { outliveReaders } from "../frame/quiet-pipe.ts";
import { visible } from "../frame/visible.ts";
import { readLines } from "./lines.ts";

/** Whoever started the bridge: its messages come and go by the standard streams, and nothing else does (MCP-B2). */
export interface AgentSide {
  /** Resolves when the agent has read so far that the next one does not have to wait in memory. */
  write(line: string): Promise<void>;
  /** For people: one line on stderr. */
  say(text: string): void;
  /** Lines of the agent; resolves at their end, and when it reads no answers any more. */
  read(onLine: (line: string | undefined) => void): Promise<void>;
}

export function standardStreams(): AgentSide {
  const { stdout } = process;
  // Nobody has to read what is said to people; who does not read the messages is gone.
  outliveReaders();
  const unread = new Promise<void>((resolve) => stdout.once("error", () => resolve()));
  let drained: Promise<void> | undefined;
  return {
    write(line) {
      if (stdout.write(`${line}\n`)) return Promise.resolve();
      drained ??= new Promise((resolve) => {
        stdout.once("drain", () => {
          drained = undefined;
          resolve();
        });
      });
      return drained;
    },
    say: (text) => void process.stderr.write(`coatcheck: ${visible(text)}\n`),
    read: (onLine) => Promise.race([readLines(process.stdin, onLine), unread]),
  };
}
