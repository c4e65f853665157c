import { type ConfigFile, mistakeLine, readConfigFile } from "../../config-file/read.ts";
import { ConfigError } from "../../process/config-error.ts";
import { replaceableFile } from "../../process/own-path.ts";
import { environment } from "../frame/environment.ts";
import { CliError, EXIT, usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";

/** Says every mistake of a configuration file, each with its place; opens nothing that the file names. */
export function checkConfig(out: Output, given: string | undefined): void {
  const { path, mistakes } = openConfig(given);
  for (const mistake of mistakes) {
    out.note(mistakeLine(path, mistake));
    out.event({ event: "mistake", file: path, ...mistake });
  }
  const exposed = replaceableFile(path);
  if (exposed) out.warn(`${exposed.message}; serve refuses it here`);
  const count = mistakes.length;
  if (count > 0) {
    const text = `${path} has ${count === 1 ? "a mistake" : `${count} mistakes`}`;
    throw new CliError("config_mistakes", text, { exit: EXIT.usage });
  }
  out.result(`${path} has no mistakes`, { file: path });
}

/** The file that is named, or COATCHECK_CONFIG. */
export function openConfig(given: string | undefined): ConfigFile {
  const path = given ?? environment().COATCHECK_CONFIG;
  if (path === undefined || path === "") throw usage("name the file, or set COATCHECK_CONFIG");
  try {
    return readConfigFile(path);
  } catch (error) {
    if (error instanceof ConfigError) throw usage(error.message);
    throw error;
  }
}
