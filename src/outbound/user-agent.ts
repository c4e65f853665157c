/** Characters of a label; a page that shows it has little room. */
const LONGEST = 100;

/**
 * The product, and for whom it asks as a comment (RFC 9110 10.1.5). Whoever named it may be anybody: what is no printable
 * ASCII, or would end the comment, is replaced.
 */
export function userAgentOf(product: string, label = ""): string {
  const plain = label
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^\x20-\x7e]|[()\\]/gu, "?")
    .slice(0, LONGEST)
    .trim();
  return plain === "" ? product : `${product} (${plain})`;
}
