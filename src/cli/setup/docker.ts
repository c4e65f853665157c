import { homedir } from "node:os";
import { join } from "node:path";
import { environment } from "../frame/environment.ts";
import { CliError } from "../frame/fail.ts";
import { changeForeign, readForeign } from "./foreign-file.ts";
import { registryKey } from "./keys.ts";
import type { Target } from "./target.ts";

type CredHelpers = Readonly<Record<string, string>>;

const HELPER = "coatcheck";

/** One registry alone: `credsStore` would catch all. */
export const docker: Target = {
  key: "registry",
  normal: registryKey,
  link: () => "docker-credential-coatcheck",
  change: {
    describe: ({ key }) => {
      const other = readHelpers()[key];
      if (other !== undefined && other !== HELPER) {
        throw new CliError(
          "taken",
          `${configPath()} already has the helper "${other}" for ${key}: remove it there first`,
        );
      }
      return [`${configPath()}, credHelpers:`, `  + "${key}": "${HELPER}"`];
    },
    apply: ({ key }) => change((helpers) => ({ ...helpers, [key]: HELPER })),
    undo: ({ key }) =>
      change(({ [key]: helper, ...others }) =>
        helper === undefined || helper === HELPER ? others : { ...others, [key]: helper },
      ),
  },
};

function configPath(): string {
  return join(environment().DOCKER_CONFIG || join(homedir(), ".docker"), "config.json");
}

function readHelpers(): CredHelpers {
  return parse(readForeign(configPath())).credHelpers ?? {};
}

function change(helpers: (before: CredHelpers) => CredHelpers): void {
  changeForeign(configPath(), (text) => {
    const { credHelpers = {}, ...config } = parse(text);
    const after = helpers(credHelpers);
    const all = Object.keys(after).length === 0 ? config : { ...config, credHelpers: after };
    return `${JSON.stringify(all, null, "\t")}\n`;
  });
}

function parse(text = "{}"): { readonly credHelpers?: CredHelpers } {
  try {
    return JSON.parse(text) as { readonly credHelpers?: CredHelpers };
  } catch {
    throw new CliError("file_unreadable", `${configPath()} is not valid JSON: correct it first`);
  }
}
