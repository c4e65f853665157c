/** Whether two addresses are those of one broker: a slash at the end of a host says nothing. */
export function isSameBroker(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function plain(address: string): string {
  return URL.parse(address)?.href ?? address;
}
