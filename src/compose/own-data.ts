import { dirname, join } from "node:path";
import type { Config } from "../process/config.ts";
import type { Log } from "../process/log.ts";
import { type Exposed, exposureOf, replaceableFile, secretExposureOf } from "../process/own-path.ts";
import { StoreUnusable } from "../store/port.ts";

type Places = Pick<Config, "data" | "file" | "key" | "ownerCheck" | "secretFiles" | "tls">;

/** What another user must not have made. SQLite's side files come with the database's folder. */
const FILES = ["coatcheck.db", "key", "root-token", "rescue"];

/**
 * Refuses a data folder, key or root token that another user owns or can change: whoever can, reads or replaces it (ST-12). Root's are
 * good, since a container's volumes are. Files of secrets that others mount are judged by `secretExposureOf`. Where the check is off, what it found is in the log. Throws `StoreUnusable`.
 */
export function requireOwnData({ data, file, key, ownerCheck, secretFiles = [], tls }: Places, log?: Log): void {
  const keyFile = key?.startsWith("file:") ? [key.slice("file:".length)] : [];
  const own = [data, ...keyFile, ...FILES.map((name) => join(data, name))];
  const exposed = [
    ...own.map((path) => exposureOf(path, { alsoRoot: true })),
    // A volume of secrets may be root's for all, sticky.
    ...keyFile.map((file) => exposureOf(dirname(file), { alsoRoot: true, alsoShared: true })),
    // With the check on it was refused before it was read: here it is for the log.
    file && replaceableFile(file.path),
    ...secretFiles.map(secretExposureOf),
    tls && secretExposureOf(tls.key),
  ].filter((one): one is Exposed => one !== undefined);
  for (const { message } of exposed) {
    if (ownerCheck)
      throw new StoreUnusable(
        `${message}; for a container's volume use --data-owner-check off (COATCHECK_DATA_OWNER_CHECK)`,
      );
    log?.warn("data_exposed", { reason: message });
  }
}
