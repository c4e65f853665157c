import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../process/clock.ts";
import { EXIT, failureOf } from "../frame/fail.ts";
import { runtimeFolder } from "../kept/folders.ts";
import { replaceFile } from "../kept/private-file.ts";
import type { TokenSource } from "./token-source.ts";

/** Looked at so often, and rewritten when there is another token. Milliseconds. */
const LOOK_MS = 5_000;

/** A file (0600, in a folder of its own) that holds a current token until it is stopped; then it is gone. */
export async function renewFile(current: TokenSource, warn: (message: string) => void) {
  const folder = mkdtempSync(join(runtimeFolder(true) ?? tmpdir(), "token-"));
  const path = join(folder, "token");
  let written = "";
  let cancel = () => {};
  const renew = async () => {
    const { accessToken } = await current();
    if (accessToken !== written) replaceFile(path, accessToken);
    written = accessToken;
  };
  const again = () => {
    cancel = systemClock.after(LOOK_MS, () => {
      void renew()
        .catch((error: unknown) => {
          // The next look may find the broker again; what a person must mend is worth a line.
          const { exit, message } = failureOf(error);
          if (exit === EXIT.login) warn(message);
        })
        .finally(() => {
          if (!stopped) again();
        });
    });
  };
  let stopped = false;
  await renew();
  again();
  return {
    path,
    stop: () => {
      stopped = true;
      cancel();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
