import type { Readable } from "node:stream";

/** MCP-B1: bytes of a message. */
export const LONGEST_MESSAGE = 64 * 1024 * 1024;

const NEWLINE = 10;

/** Calls back with each line, in order; `undefined` for one that is too long. Resolves at the end. */
export function readLines(input: Readable, onLine: (line: string | undefined) => void): Promise<void> {
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer) => {
    length += part.length;
    if (length <= LONGEST_MESSAGE) parts.push(part);
    else parts = [];
  };
  const end = () => {
    const line = length > LONGEST_MESSAGE ? undefined : Buffer.concat(parts).toString("utf8").trim();
    [parts, length] = [[], 0];
    if (line !== "") onLine(line);
  };
  input.on("data", (chunk: Buffer) => {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, at));
      end();
      from = at + 1;
    }
    add(chunk.subarray(from));
  });
  return new Promise((resolve) => {
    const over = () => {
      // Its line end may have been forgotten.
      end();
      resolve();
    };
    input.once("end", over).once("error", () => resolve());
  });
}
