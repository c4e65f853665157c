import { CliError, usage } from "../frame/fail.ts";
import { type Keyring, systemKeyring } from "./keyring.ts";
import { readSettings, settingsPath } from "./settings-file.ts";

/** What stands in the file in place of a secret that is in the keyring. */
const IN_KEYRING = "keyring";

interface Secret {
  readonly id: string;
  readonly session: string;
}

/** Secrets that this process has seen, by id, and those that it could not: the system is asked once for each. */
const seen = new Map<string, string>();
const unreadable = new Map<string, CliError>();
let trouble: string | undefined;

/** Why a secret that was to be in the keyring is in the file; undefined where none is. */
export function keyringTrouble(): string | undefined {
  return trouble;
}

/** With a secret that is looked up when somebody wants it: most commands want one of them, or none. */
export function withSecret<T extends Secret>(kept: T): T {
  if (kept.session !== IN_KEYRING) return kept;
  return Object.defineProperty({ ...kept }, "session", { enumerable: true, get: () => secretOf(kept.id) });
}

export function isInKeyring({ session }: Secret): boolean {
  return session === IN_KEYRING;
}

/** As it is written into the file: without its secret, if the person wants that in the keyring and it takes it. */
export function toBeStored<T extends Secret>(kept: T): T {
  if (isInKeyring(kept) || !wantsKeyring()) return kept;
  if (seen.get(kept.id) === kept.session && trouble === undefined) return { ...kept, session: IN_KEYRING };
  const ring = usable();
  if (!ring) return kept;
  if (!ring.write(kept.id, kept.session) || ring.read(kept.id) !== kept.session) {
    trouble = "the keyring does not take it (it may be locked, or secret-tool is not installed)";
    return kept;
  }
  seen.set(kept.id, kept.session);
  return { ...kept, session: IN_KEYRING };
}

/** One that no login has any more; its secret is known here until the end, to take leave of the broker with. */
export function forgetSecret(kept: Secret): void {
  if (!isInKeyring(kept)) return;
  const ring = systemKeyring();
  if (typeof ring === "string") return;
  const secret = seen.get(kept.id) ?? ring.read(kept.id);
  if (secret !== undefined) seen.set(kept.id, secret);
  ring.remove(kept.id);
}

function secretOf(id: string): string {
  const known = seen.get(id);
  if (known !== undefined) return known;
  const refused = unreadable.get(id);
  if (refused) throw refused;
  const ring = systemKeyring();
  const found = typeof ring === "string" ? undefined : ring.read(id);
  if (found === undefined) {
    const why =
      typeof ring === "string" ? ring : "it does not answer, or has lost it: unlock it and run the command again";
    const text = `this login's session is in the keyring, but ${why}; or sign in again`;
    unreadable.set(id, new CliError("keyring_unavailable", text));
    throw unreadable.get(id);
  }
  seen.set(id, found);
  return found;
}

/** Asked once: a keyring that does not answer takes its time each time. */
function usable(): Keyring | undefined {
  if (trouble !== undefined) return undefined;
  const ring = systemKeyring();
  if (typeof ring !== "string") return ring;
  trouble = ring;
  return undefined;
}

function wantsKeyring(): boolean {
  const { sessions = "file" } = readSettings();
  if (sessions === "file" || sessions === "keyring") return sessions === "keyring";
  throw usage(`"sessions" in ${settingsPath()} is neither "file" nor "keyring"`);
}
