import { visible } from "../frame/visible.ts";

/** Lines at the end of a terminal that are drawn over, each cut to its width. */
export function redrawn(): (lines: readonly string[]) => void {
  let drawn = 0;
  return (lines) => {
    const { columns = 80, rows = 24 } = process.stderr;
    const shown = lines.slice(0, rows - 1).map((line) => visible(line).slice(0, columns - 1));
    const up = drawn === 0 ? "" : `\x1b[${drawn}A`;
    process.stderr.write(`${up}\r${shown.map((line) => `${line}\x1b[K\n`).join("")}\x1b[J`);
    drawn = shown.length;
  };
}
