import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { environment } from "../environment.ts";
import { CliError } from "../fail.ts";
import { makeFolder } from "../files/make-folder.ts";
import { replaceFile } from "../files/private-file.ts";
import type { Target } from "./target.ts";

interface DockerConfig {
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** One registry alone: `credsStore` would catch all. */
export const docker: Target = {
  key: "registry",
  link: "docker-credential-coatcheck",
  change: {
    describe: ({ key }) => `${configPath()}, credHelpers:\n  + "${key}": "coatcheck"`,
    apply: ({ key }) => change((helpers) => ({ ...helpers, [key]: "coatcheck" })),
    undo: ({ key }) =>
      change(({ [key]: ours, ...others }) =>
        ours === undefined || ours === "coatcheck" ? others : { ...others, [key]: ours },
      ),
  },
};

function configPath(): string {
  return join(environment.DOCKER_CONFIG || join(homedir(), ".docker"), "config.json");
}

function change(helpers: (before: Readonly<Record<string, string>>) => Readonly<Record<string, string>>): void {
  const path = configPath();
  const config = read(path);
  makeFolder(dirname(path));
  const mode = existsSync(path) ? statSync(path).mode & 0o777 : 0o600;
  replaceFile(
    path,
    `${JSON.stringify({ ...config, credHelpers: helpers(config.credHelpers ?? {}) }, null, "\t")}\n`,
    mode,
  );
}

function read(path: string): DockerConfig {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, "utf8")) as DockerConfig;
  } catch {
    throw new CliError("file_unreadable", `${path} is no JSON: mend it first`);
  }
}
