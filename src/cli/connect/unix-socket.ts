import { statSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { systemClock } from "../../process/clock.ts";
import { fetchBy } from "./fetch-by.ts";

/** A `fetch` over a Unix socket; what it answers is what the platform's would. */
export function socketFetch(socketPath: string): typeof globalThis.fetch {
  return fetchBy((_url, { headers, ...options }) =>
    request({ ...options, socketPath, headers: { ...headers, host: "localhost" } }),
  );
}

/** How often is looked whether a socket is still where it was made: a command waits for that. Milliseconds. */
const LOOK_MS = 2_000;

/**
 * Calls back when a socket is not there any more: its folder ends with a person's last session (/run/user/UID), and is
 * made anew with the next one. `lost` answers where is listened now; while it throws it is asked again.
 */
export function watchSocket(path: string, lost: () => Promise<string>): () => void {
  let [watched, made] = [path, identity(path)];
  let stopped = false;
  let cancel = () => {};
  const look = async () => {
    if (identity(watched) !== made) {
      try {
        watched = await lost();
        made = identity(watched);
      } catch {
        // There may be a folder for it later.
      }
    }
    if (!stopped) again();
  };
  const again = () => {
    cancel = systemClock.after(LOOK_MS, () => void look());
  };
  again();
  return () => {
    stopped = true;
    cancel();
  };
}

function identity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}

/** Whether somebody listens at the socket. */
export function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
