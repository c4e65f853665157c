import { statSync } from "node:fs";
import type { Clock } from "../process/clock.ts";
import type { Log } from "../process/log.ts";
import { type Identity, readIdentity, type TlsFiles } from "./certificates.ts";

/** How often the files are looked at; whoever renews them waits no longer. Milliseconds. */
const LOOK_MS = 5_000;

/** Whoever renews certificates does it weeks before. Milliseconds. */
const SOON_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;

/** The identity of a server, which follows its files. */
export interface Renewal {
  /** Reads the files now (SIGHUP). */
  reload(): void;
  stop(): void;
}

interface Renewing {
  readonly clock: Pick<Clock, "now" | "after">;
  readonly log: Log;
  /** What is in the files now. */
  use(identity: Identity): void;
}

/**
 * Looks at the files of `first` and uses what has changed. Files that cannot be used are a warning, once for each change of
 * them: what was good before stays in use.
 */
export function startRenewal(files: TlsFiles, first: Identity, { clock, log, use }: Renewing): Renewal {
  let { endsAt } = first;
  let seen = signatureOf(files);
  let warnedAt = Number.NEGATIVE_INFINITY;
  const reload = () => {
    seen = signatureOf(files);
    try {
      const identity = readIdentity(files, clock.now());
      use(identity);
      endsAt = identity.endsAt;
      log.info("tls_reloaded", { ends: new Date(endsAt).toISOString() });
    } catch (error) {
      log.warn("tls_not_reloaded", { message: (error as Error).message });
    }
  };
  const warn = () => {
    const now = clock.now();
    if (endsAt - now > SOON_MS || now - warnedAt < DAY_MS) return;
    warnedAt = now;
    log.warn("tls_certificate_ends", { ends: new Date(endsAt).toISOString(), file: files.cert });
  };
  let cancel = () => {};
  const look = () => {
    if (signatureOf(files) !== seen) reload();
    warn();
    cancel = clock.after(LOOK_MS, look);
  };
  look();
  return { reload, stop: () => cancel() };
}

/** Changes with every renewal, also where a name leads to another file now. */
function signatureOf({ cert, key, clientCa }: TlsFiles): string {
  return [cert, key, clientCa ?? []].flat().map(stampOf).join("\n");
}

function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs}`;
  } catch {
    return "none";
  }
}
