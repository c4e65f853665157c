import { shellWords } from "../frame/output.ts";
import { changeSettings } from "../kept/settings-file.ts";

/**
 * A foreign program's logout: that program no longer asks with this login for this host or registry. The login stays, since
 * other programs use it. Answers what a person should know, as a line.
 */
export function forgetUse(protocol: string, key: string, login: string): string {
  changeSettings((settings) => {
    const { [key]: _forgotten, ...rest } = settings.credentials?.[protocol] ?? {};
    return { ...settings, credentials: { ...settings.credentials, [protocol]: rest } };
  });
  const words = (...args: readonly string[]) => shellWords(["coatcheck", ...args]);
  const back = words("setup", protocol, key, login);
  return `coatcheck: ${protocol} no longer uses the login "${login}" for ${key}, and the login stays; to use it again: ${back}; to sign out: ${words("logout", login)}\n`;
}
