/** The value of a cookie in a `Cookie` header (RFC 6265 4.2.1), as it was sent; of several of that name the first. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  return cookiesOf(header, name)[0];
}

/** All of that name: those of longer paths first, and a host beside ours may have set some of them (RFC 6265 5.4, 8.6). */
export function cookiesOf(header: string | undefined, name: string): readonly string[] {
  const pairs = (header ?? "").split(/;\s*/).filter((one) => one.startsWith(`${name}=`));
  return pairs.map((pair) => pair.slice(name.length + 1));
}
