/** Bytes that the path of a Unix socket may have: `sun_path` without its closing zero (unix(7)); on macOS it is shorter. */
const LONGEST_SOCKET_PATH = process.platform === "linux" ? 107 : 103;

/** What is wrong with a path as that of a socket; the system itself says only "invalid argument". */
export function socketPathProblem(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes <= LONGEST_SOCKET_PATH) return undefined;
  return `the path of a socket may have ${LONGEST_SOCKET_PATH} bytes, and ${path} has ${bytes}`;
}
