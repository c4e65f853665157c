/** Names of a path, fields of a form or a query; what comes twice is one text with commas. */
export function textsByName(sent: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(sent ?? {}).map(([name, value]) => [name, String(value)]));
}
