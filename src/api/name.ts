/** UTF-8 bytes. */
const LONGEST_NAME = 512;

/**
 * oauthapp.md 1.1: any characters, but no control character, no empty, `.` or `..` segment (Go clients clean such paths
 * and never reach them), no `:` at the end of a segment, at most 512 bytes. Never normalised.
 */
export function isName(name: string): boolean {
  if (name.length > LONGEST_NAME || new TextEncoder().encode(name).length > LONGEST_NAME) return false;
  if (/\p{Cc}/u.test(name)) return false;
  return name.split("/").every((segment) => !["", ".", ".."].includes(segment) && !segment.endsWith(":"));
}
