import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { environment } from "../frame/environment.ts";
import { CliError } from "../frame/fail.ts";
import { readSettings } from "../kept/settings-file.ts";
import { changeForeign, readForeign } from "./foreign-file.ts";
import { bareHostKey } from "./keys.ts";
import type { Target } from "./target.ts";

/** Names that most hosts of tokens pass over. */
const USER = "oauth2";

/** For programs that know nothing else: a token in a file, which ends. One line for each host. */
export const netrc: Target = {
  key: "host",
  normal: bareHostKey,
  holdsToken: true,
  change: {
    describe: ({ key }) => {
      if (read().split("\n").some(isFor(key)) && !isOurs(key)) {
        throw new CliError("taken", `${path()} already has an entry for ${key}: remove it there first`);
      }
      return [`${path()} (0600):`, `  + machine ${key} login ${USER} password (the current token)`];
    },
    apply: ({ key, token = "" }) =>
      changeForeign(
        path(),
        (text = "") => {
          const before = without(text, key);
          const gap = before === "" || before.endsWith("\n") ? "" : "\n";
          return `${before}${gap}machine ${key} login ${USER} password ${token}\n`;
        },
        0o600,
      ),
    undo: ({ key }) => {
      if (isOurs(key) && existsSync(path())) changeForeign(path(), (text = "") => without(text, key), 0o600);
    },
  },
};

function path(): string {
  return environment().NETRC || join(homedir(), ".netrc");
}

function read(): string {
  return readForeign(path()) ?? "";
}

/** What was set up by us, in one line. */
function isOurs(host: string): boolean {
  return readSettings().credentials?.netrc?.[host] !== undefined;
}

function isFor(host: string): (line: string) => boolean {
  return (line) => {
    const [word, name] = line.trim().split(/\s+/);
    return word === "machine" && name === host;
  };
}

function without(text: string, host: string): string {
  const isIt = isFor(host);
  return text
    .split("\n")
    .filter((line) => !isIt(line))
    .join("\n");
}
