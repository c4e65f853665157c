/** Characters of a label; a page that shows it has little room. */
const LONGEST = 100;

/** Systems by the names that people know, by Node's; any other by Node's own. */
const SYSTEMS: Readonly<Record<string, string>> = { darwin: "macOS", linux: "Linux", win32: "Windows" };

/**
 * The product, and for whom it asks as a comment (RFC 9110 10.1.5), which matrix-authentication-service 1.22 reads as
 * `(MODEL; SYSTEM)`: without a semicolon it sees a crawler, and behind a slash in the model nothing. Whoever chose the label may
 * be anybody: what is no printable ASCII, would end the comment or begin another part of it, is replaced.
 */
export function userAgentOf(product: string, label = "", platform: string = process.platform): string {
  if (label === "") return product;
  const plain = label
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^\x20-\x7e]|[()\\]/gu, "?")
    .replaceAll(";", ",")
    .replaceAll("/", "-")
    .slice(0, LONGEST)
    .trim();
  return plain === "" ? product : `${product} (${plain}; ${SYSTEMS[platform] ?? platform})`;
}
