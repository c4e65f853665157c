/** A hash (32 hexadecimal digits or more) in the form of a UUID: an id that is always the same for the same. */
export function uuidOf(hash: string): string {
  return hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
