import { runProgramNow } from "../frame/children.ts";
import { environment } from "../frame/environment.ts";

/** Where the system keeps a person's secrets. No call asks the person anything, or waits longer than `LONGEST_MS`. */
export interface Keyring {
  /** Undefined where it has none, or does not answer. */
  read(id: string): string | undefined;
  /** Whether it is there now. */
  write(id: string, secret: string): boolean;
  remove(id: string): void;
}

/** A locked keyring opens a window and waits for its password: a command does not. Milliseconds; tests set more, for busy machines. */
const LONGEST_MS = Number(environment().COATCHECK_TEST_KEYRING_MS ?? 1_500);

/** The keyring of this system, by the program that comes with it; a sentence where there is none. */
export function systemKeyring(platform = process.platform): Keyring | string {
  if (platform === "darwin") return security;
  if (platform !== "linux") return "Coatcheck knows no keyring on this system";
  if (!environment().DBUS_SESSION_BUS_ADDRESS)
    return "there is no desktop session here (no D-Bus), so there is no keyring";
  return secretTool;
}

function run(program: string, args: readonly string[], input = ""): string | undefined {
  const { status, stdout, error } = runProgramNow(program, args, { input, timeout: LONGEST_MS });
  return error || status !== 0 ? undefined : stdout;
}

/** The Secret Service (freedesktop.org), by libsecret's own program. The secret goes by a pipe, never by an argument. */
const secretTool: Keyring = {
  read: (id) => run("secret-tool", ["lookup", ...attributes(id)])?.trim() || undefined,
  write: (id, secret) =>
    run("secret-tool", ["store", "--label=Coatcheck session", ...attributes(id)], secret) !== undefined,
  remove: (id) => void run("secret-tool", ["clear", ...attributes(id)]),
};

function attributes(id: string): readonly string[] {
  return ["service", "coatcheck", "session", id];
}

/** The login keychain of macOS; what `security -i` reads from its input stands in no list of processes. */
const security: Keyring = {
  read: (id) => run("security", ["find-generic-password", "-s", "coatcheck", "-a", id, "-w"])?.trim() || undefined,
  write: (id, secret) =>
    isWord(id) &&
    isWord(secret) &&
    run("security", ["-i"], `add-generic-password -U -s coatcheck -a ${id} -w ${secret}\n`) !== undefined,
  remove: (id) => void run("security", ["delete-generic-password", "-s", "coatcheck", "-a", id]),
};

/** Ids and secrets of sessions are; anything else is not written into a command. */
function isWord(text: string): boolean {
  return /^[\w-]+$/.test(text);
}
