import { systemClock } from "../../process/clock.ts";
import { loadConfig, type ServeFlags } from "../../process/config.ts";
import { giveMemoryBackAfterBursts } from "../../process/memory.ts";
import { keepMemoryPrivate } from "../../process/private-memory.ts";
import { isAboutKey } from "../../process/start-error.ts";
import { usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { outliveReaders } from "../frame/quiet-pipe.ts";
import { serveDev } from "./serve-dev.ts";
import { serveKept } from "./serve-kept.ts";

/** The broker in this process, until it is stopped. */
export async function serve(out: Output, flags: ServeFlags): Promise<void> {
  // Whatever is made from here on is its owner's alone, a database's side files too.
  process.umask(0o077);
  outliveReaders();
  keepMemoryPrivate();
  giveMemoryBackAfterBursts(systemClock);
  const config = loadConfig(flags);
  if (config.dev) return serveDev(out, config);
  try {
    await serveKept(out, config, { idle: config.idle, networks: flags.allowNetworks ?? "" });
  } catch (error) {
    // A key that was named, in a variable or a configuration file, is what was typed wrong; one in the data folder was not.
    throw config.key !== undefined && isAboutKey(error) ? usage((error as Error).message) : error;
  }
}
