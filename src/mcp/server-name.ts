/** Characters of a name without its number. */
const LONGEST = 100;

/**
 * The name of the server record of an MCP server, the same for whoever asks: its host and path in characters that a name may
 * have (`https://mcp.example.com/mcp` → `mcp.example.com-mcp`, `https://h/v1/mcp` → `h-v1_mcp`). What those cannot tell apart has
 * a number behind it that follows from the URL. Empty for what is no URL.
 */
export function serverNameOf(url: string): string {
  if (!URL.canParse(url)) return "";
  const { protocol, host, pathname, search } = new URL(url);
  const path = pathname.slice(1).replace(/\/$/, "");
  const name = path === "" ? host : `${host}-${path.replaceAll("/", "_")}`;
  const isPlain = /^[A-Za-z0-9./-]*$/.test(path) && !path.includes("//") && search === "" && protocol === "https:";
  if (isPlain && name.length <= LONGEST && !/[[\]]/.test(name)) return name;
  const plain = name.replaceAll(/[^A-Za-z0-9._:-]+/g, "-").replace(/^-+/, "");
  return `${plain.slice(0, LONGEST)}-${numberOf(url)}`;
}

/** FNV-1a, 32 bits: enough to keep the names of one broker's servers apart. */
function numberOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(36);
}
