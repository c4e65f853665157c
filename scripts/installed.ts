import { VERSION } from "../src/process/version.ts";

/** The one line of `npm ci`: which Node runs this, where npm's own is another one. */
export function installedLine(npm: string, own: string): string {
  const [, npms = own] = /\bnode\/v(\S+)/.exec(npm) ?? [];
  const along = npms === own ? "" : `, and Node ${own} to run on (Node ${npms} stays as it is)`;
  return `Coatcheck ${VERSION} is installed in this folder${along}. Next: npm start`;
}

if (import.meta.main) console.log(installedLine(process.env.npm_config_user_agent ?? "", process.versions.node));
