/** The value of a cookie in a `Cookie` header (RFC 6265 4.2.1), as it was sent; of several of that name the first. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  const pair = (header ?? "").split(/;\s*/).find((one) => one.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
