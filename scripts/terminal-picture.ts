/** What a terminal shows after some output, as an SVG: no font is in it, so each run of text is held to its columns. */

interface Look {
  readonly bold: boolean;
  readonly dim: boolean;
  readonly ink: string;
  readonly ground: string;
}

interface Cell {
  readonly character: string;
  readonly look: Look;
}

/** Of the eight colours of ECMA-48 8.3.117, then the bright ones. */
const COLOURS = ["#1f1c18", "#ff9d85", "#6fd79c", "#e6c15c", "#8fb4ff", "#d9a5e8", "#7fd3c0", "#edeae4"];
const PLAIN: Look = { bold: false, dim: false, ink: "#edeae4", ground: "" };

/** Escape sequences, operating system commands, single characters. */
const PARTS = new RegExp(["\x1b\\[[\\d;?]*[a-zA-Z]", "\x1b\\][^\x07]*\x07", "[\\s\\S]"].join("|"), "gu");

/** Pixels. */
const CELL = { width: 8.4, height: 18 };
const EDGE = 18;
const BAR = 30;

export function terminalPicture(output: string, title: string): string {
  const lines = screenOf(output);
  const columns = Math.max(...lines.map((line) => line.length), 60);
  const width = Math.ceil(columns * CELL.width + 2 * EDGE);
  const height = BAR + lines.length * CELL.height + EDGE;
  const rows = lines.flatMap((line, row) => runsOf(line).map((run) => drawn(run, row)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" shape-rendering="crispEdges" xml:space="preserve">
<rect width="${width}" height="${height}" rx="10" fill="#1d1b18"/>
${[0, 1, 2].map((dot) => `<circle cx="${EDGE + dot * 18}" cy="17" r="5" fill="#4a453d"/>`).join("")}
${rows.join("\n")}
</svg>
`;
}

/** The same as a text. */
export function terminalText(output: string): string {
  const lines = screenOf(output).map((line) =>
    line
      .map(({ character }) => character)
      .join("")
      .trimEnd(),
  );
  return `${lines.join("\n").trim()}\n`;
}

/** New lines, carriage returns, erasing to the end of a line; the cursor is never moved up by what we show. */
function screenOf(output: string): readonly (readonly Cell[])[] {
  const lines: Cell[][] = [[]];
  let column = 0;
  let look = PLAIN;
  for (const part of output.match(PARTS) ?? []) {
    const line = lines.at(-1) ?? [];
    if (part === "\n") {
      lines.push([]);
      column = 0;
    } else if (part === "\r" || part === "\x1b[1G") column = 0;
    else if (part === "\x1b[K" || part === "\x1b[0K") line.length = column;
    else if (part.startsWith("\x1b[") && part.endsWith("m")) look = changed(look, part.slice(2, -1));
    else if (!part.startsWith("\x1b")) line[column++] = { character: part, look };
  }
  while (lines.at(-1)?.every(({ character }) => character === " ")) lines.pop();
  return lines;
}

function changed(look: Look, codes: string): Look {
  if (codes === QR_CODE) return { ...look, ink: "#000", ground: "#fff" };
  return codes.split(";").map(Number).reduce(withCode, look);
}

/** Black on white, of 256 colours. */
const QR_CODE = "38;5;16;48;5;231";

function withCode(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 39) return { ...look, ink: PLAIN.ink };
  const colour = COLOURS[code % 10];
  return colour !== undefined && (code < 40 || code >= 90) ? { ...look, ink: colour } : look;
}

interface Run {
  readonly column: number;
  readonly text: string;
  readonly look: Look;
}

/** Neighbours that look the same; blanks end a run, so that a font's own widths never add up. */
function runsOf(line: readonly Cell[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [column, { character, look }] of line.entries()) {
    const last = runs.at(-1);
    const joins = last && last.look === look && isBlock(last.text) === isBlock(character) && !last.text.endsWith("  ");
    if (joins && last) runs[runs.length - 1] = { ...last, text: last.text + character };
    else runs.push({ column, text: character, look });
  }
  return runs.filter(({ text, look }) => text.trim() !== "" || look.ground !== "");
}

const BLOCKS: Readonly<Record<string, readonly [from: number, height: number]>> = {
  "█": [0, 1],
  "▀": [0, 0.5],
  "▄": [0.5, 0.5],
};

function isBlock(text: string): boolean {
  return Object.hasOwn(BLOCKS, text[0] ?? "");
}

function drawn({ column, text, look }: Run, row: number): string {
  const x = EDGE + column * CELL.width;
  const y = BAR + row * CELL.height;
  const width = text.length * CELL.width;
  const ground =
    look.ground === ""
      ? ""
      : `<rect x="${n(x)}" y="${y}" width="${n(width)}" height="${CELL.height}" fill="${look.ground}"/>`;
  if (isBlock(text))
    return `${ground}<path fill="${look.ink}" d="${[...text].map((one, index) => block(one, x + index * CELL.width, y)).join("")}"/>`;
  if (text.trim() === "") return ground;
  const style = `${look.bold ? ' font-weight="700"' : ""}${look.dim ? ' opacity=".65"' : ""}`;
  const shown = text.trim();
  // Blanks at its beginning are not kept by every program that draws.
  const from = x + text.indexOf(shown) * CELL.width;
  return `${ground}<text x="${n(from)}" y="${y + 14}" fill="${look.ink}"${style} textLength="${n(shown.length * CELL.width)}" lengthAdjust="spacingAndGlyphs">${escaped(shown)}</text>`;
}

/** Half a block is half a cell high; a hair wider than its cell, so that no gap is seen. */
function block(character: string, x: number, y: number): string {
  const [from, height] = BLOCKS[character] ?? [0, 0];
  return `M${n(x)} ${n(y + from * CELL.height)}h${n(CELL.width + 0.2)}v${n(height * CELL.height + 0.2)}h-${n(CELL.width + 0.2)}z`;
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
