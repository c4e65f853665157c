/** What one process takes on at once: a row each, from which flag, help and documentation follow. */
export const LIMITS = {
  connections: [4_096, "connections; when there are more, the one that has been idle for longest is closed"],
  "address-connections": [512, "of one address"],
  requests: [2_048, "requests under way; of those whose body is late the oldest makes room"],
  "address-requests": [512, "of one address"],
  bodies: [64, "MiB of bodies that are not complete"],
  "address-bodies": [8, "of one address"],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type Limits = { readonly [Name in keyof typeof LIMITS]: number };

export const DEFAULT_LIMITS = Object.fromEntries(
  Object.entries(LIMITS).map(([name, [most]]) => [name, most]),
) as Limits;

/** `NAME=NUMBER`, separated by commas; what is not named has its default. Throws an `Error` that says which parts are wrong. */
export function parseLimits(list: string): Limits {
  const parts = list.split(/[\s,]+/).filter((part) => part !== "");
  const wrong: string[] = [];
  const given = parts.map((part) => {
    const [, name = "", number = ""] = /^([a-z-]+)=(\d{1,7})$/.exec(part) ?? [];
    if (Object.hasOwn(LIMITS, name) && Number(number) > 0) return [name, Number(number)];
    wrong.push(`"${part}"`);
    return [name, 0];
  });
  const said = `${wrong.join(", ")} ${wrong.length === 1 ? "is not a limit" : "are no limits"}`;
  if (wrong.length > 0) throw new Error(`${said}: give one like connections=10000 (${Object.keys(LIMITS).join(", ")})`);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(given) };
}
