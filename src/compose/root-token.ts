import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { newToken } from "../access/root-token.ts";
import type { Clock } from "../process/clock.ts";
import type { Log } from "../process/log.ts";
import { SHORTEST_TOKEN } from "../process/way-in.ts";
import { StoreUnusable } from "../store/port.ts";

/** The root token of a data folder: given, kept, or made at the first start. */
export interface RootToken {
  readonly value: string;
  /** The file it is in, unless it was given. */
  readonly path?: string;
}

/** Reads or makes `<data>/root-token` (0600). A given token is used and not written anywhere. */
export function rootTokenOf(given: string | undefined, data: string): RootToken {
  if (given !== undefined) return { value: given };
  const path = join(data, "root-token");
  if (existsSync(path)) return { value: readPrivate(path), path };
  const value = newToken();
  writeFileSync(path, `${value}\n`, { mode: 0o600, flag: "wx", flush: true });
  return { value, path };
}

/** Puts another token in the place of the one that is kept, as a whole or not at all; answers the file. Throws `StoreUnusable`. */
export function renewRootToken(data: string): string {
  const path = join(data, "root-token");
  if (!existsSync(join(data, "key"))) {
    throw new StoreUnusable(`${data} is no data folder of a broker that has been started: name it with --data`);
  }
  const next = `${path}.new`;
  rmSync(next, { force: true });
  writeFileSync(next, `${newToken()}\n`, { mode: 0o600, flag: "wx", flush: true });
  renameSync(next, path);
  return path;
}

/** How soon another token in the file is the root token. Milliseconds. */
const LOOK_MS = 5_000;

/**
 * Tells of another token in the file of the one that is kept (`coatcheck token root`). A file that is missing or cannot be used changes
 * nothing: the next start says what is wrong with it. Answers what ends it.
 */
export function watchRootToken(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  { value, path }: RootToken,
  onChange: (token: string) => void,
): () => void {
  if (path === undefined) return () => {};
  let seen = value;
  const look = () => {
    const next = whatIsIn(path) ?? seen;
    if (next !== seen) {
      seen = next;
      onChange(next);
      log.warn("root_token_changed", { file: path });
    }
    cancel = clock.after(LOOK_MS, look);
  };
  let cancel = clock.after(LOOK_MS, look);
  return () => cancel();
}

function whatIsIn(path: string): string | undefined {
  try {
    return readPrivate(path);
  } catch {
    return undefined;
  }
}

function readPrivate(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if ((fstatSync(file).mode & 0o077) !== 0) {
      throw new StoreUnusable(`other users can read the token file ${path}: run chmod 600 ${path}`);
    }
    const value = readFileSync(file, "utf8").trim();
    if (value === "")
      throw new StoreUnusable(`the token file ${path} is empty: remove it, and the next start creates a new one`);
    if (value.length < SHORTEST_TOKEN) {
      throw new StoreUnusable(
        `the token in ${path} is too short: write at least ${SHORTEST_TOKEN} random characters, or remove the file, and the next start creates a new one`,
      );
    }
    return value;
  } finally {
    closeSync(file);
  }
}
