import { encode } from "uqr";

/** Columns and rows of a terminal. */
interface Room {
  readonly columns: number;
  readonly rows: number;
}

/** Of the terminal that a person reads; nothing fits where there is none. */
export function terminalRoom(): Room {
  const { columns = 0, rows = 0 } = process.stderr;
  return { columns, rows };
}

const QUIET_ZONE = 2;

/** Dark and light are said, not taken from the terminal: a QR code in inverse is not read by every phone. */
const COLOURS = "\x1b[38;5;16;48;5;231m";
const RESET = "\x1b[0m";

/** Lines of a QR code of the text, or none where it does not fit beside the rest of the screen. */
export function qrCode(text: string, form: "blocks" | "ascii", room: Room): readonly string[] {
  const { data } = encode(text, { ecc: "L", border: QUIET_ZONE });
  const lines = form === "ascii" ? asciiLines(data) : blockLines(data);
  const width = data.length * (form === "ascii" ? 2 : 1);
  return width <= room.columns && lines.length <= room.rows ? lines : [];
}

/** Two modules above each other are one character. */
function blockLines(data: readonly (readonly boolean[])[]): readonly string[] {
  const lines: string[] = [];
  for (let row = 0; row < data.length; row += 2) {
    const upper = data[row] ?? [];
    const line = upper.map((dark, column) => {
      const below = data[row + 1]?.[column] ?? false;
      if (dark) return below ? "█" : "▀";
      return below ? "▄" : " ";
    });
    lines.push(`${COLOURS}${line.join("")}${RESET}`);
  }
  return lines;
}

function asciiLines(data: readonly (readonly boolean[])[]): readonly string[] {
  return data.map((row) => `${COLOURS}${row.map((dark) => (dark ? "##" : "  ")).join("")}${RESET}`);
}
