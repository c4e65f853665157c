/** Fields under each other, aligned; lists with commas, maps as k=v. */
export function table(fields: Readonly<Record<string, unknown>>): readonly string[] {
  const rows = Object.entries(fields).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...rows.map(([key]) => key.length)) + 4;
  return rows.map(([key, value]) => `${key.padEnd(width)}${cell(value)}`.trimEnd());
}

function cell(value: unknown): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(cell).join(", ");
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value as Record<string, unknown>);
  return entries.every(([, one]) => typeof one !== "object" || one === null)
    ? entries.map(([key, one]) => `${key}=${one}`).join(", ")
    : JSON.stringify(value);
}

/** Rows with a heading; the last column is not padded. */
export function columns(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [heading, ...rows];
  const widths = heading.map((_, index) => Math.max(...all.map((row) => (row[index] ?? "").length)) + 2);
  return all.map((row) =>
    row
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join("")
      .trimEnd(),
  );
}
