/** What is tried of each server, in the order of the columns. */
export const CAPABILITIES = [
  "device",
  "code",
  "refresh",
  "rotation",
  "self",
  "sts",
  "registration",
  "private_key_jwt",
  "revocation",
  "account",
] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** `absent`: the server has no such thing, or was not asked for it. */
export interface Seen {
  readonly verdict: "yes" | "no" | "absent";
  /** A few words without a secret. */
  readonly note: string;
}

export type Row =
  | { readonly server: string; readonly version: string; readonly seen: Readonly<Record<Capability, Seen>> }
  | { readonly server: string; readonly untried: string };

/** The table's first two lines. */
export function head(): string {
  const columns = ["Server", "Version", ...CAPABILITIES];
  return [columns, columns.map(() => "---")].map(line).join("\n");
}

/** The table, what was seen of each server, and why others could not be tried: Markdown. */
export function markdown(rows: readonly Row[]): string {
  const tried = rows.filter((row) => "seen" in row);
  const table = [head(), ...tried.map((row) => line([row.server, row.version, ...CAPABILITIES.map(cell(row.seen))]))];
  const notes = tried.map(({ server, seen }) => {
    const said = CAPABILITIES.filter((one) => seen[one].note !== "").map((one) => `${one}: ${plain(seen[one].note)}`);
    return `- **${server}**: ${said.join("; ")}.`;
  });
  const untried = rows.filter((row) => "untried" in row);
  const missing = untried.map(({ server, untried: why }) => `- **${server}** was not tried: ${plain(why)}.`);
  return `${[table.join("\n"), [...notes, ...missing].join("\n")].filter((part) => part !== "").join("\n\n")}\n`;
}

const WORDS = { yes: "yes", no: "**no**", absent: "–" } as const;

const cell = (seen: Readonly<Record<Capability, Seen>>) => (one: Capability) => WORDS[seen[one].verdict];

const line = (cells: readonly string[]) => `| ${cells.map(plain).join(" | ")} |`;

/** In one line, and in one cell. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("|", "\\|").trim();
}
