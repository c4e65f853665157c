import { compose } from "../../compose/compose.ts";
import type { Running } from "../../compose/serve.ts";
import { systemClock } from "../../process/clock.ts";
import type { Config, Listen } from "../../process/config.ts";
import { createLog } from "../../process/log.ts";
import { noteSocket } from "../connect/noted-socket.ts";
import type { Output } from "../frame/output.ts";
import { endSoon, stopRequested } from "../frame/stop-signal.ts";

/** The broker on data that are kept, until it is stopped, or nobody has asked for `idle` seconds. */
export async function serveKept(out: Output, config: Config, idle: number | undefined): Promise<void> {
  const requested = stopRequested();
  const running = await compose(config, createLog(config.logLevel));
  if ("path" in config.listen) noteSocket(config.data, config.listen.path);
  const { address, copy, rootTokenAt } = running;
  out.note(startGuide(running, config));
  out.event({ event: "serving", address, data: config.data, copy, root_token_file: rootTokenAt });
  const ends = idle === undefined ? [requested] : [requested, quiet(running, idle * 1_000)];
  const broken = await Promise.race([...ends, running.broken]);
  if (broken) endSoon();
  await running.close();
  if (broken) throw broken;
}

/** Resolves when it has been quiet for so long. Milliseconds. */
function quiet(running: Running, idle: number): Promise<void> {
  return new Promise((done) => {
    const look = () => {
      const left = idle - running.quietFor();
      if (left <= 0) done();
      else systemClock.after(left, look);
    };
    look();
  });
}

/** What a person is told after a start with kept data. */
function startGuide({ address, rootTokenAt, copy }: Running, { publicUrl, listen, data }: Config): string {
  const lines = [`coatcheck is listening at ${address}`];
  if (copy) {
    lines.push(
      "THIS IS A RESTORED COPY: it hands out tokens that are still valid, but refreshes nothing. Its refresh tokens may have been",
      "used already, and using them again could end the logins of the original. When the original is gone for good, start with --take-over.",
    );
  }
  if (publicUrl === undefined) {
    lines.push(
      "path" in listen
        ? "Without --public-url, logins by link (callback) are not available: no browser could return to the broker."
        : "Without --public-url, only a browser on this machine can return from a login by link (callback).",
    );
  }
  if (isExposed(listen)) {
    lines.push(
      "Connections to this address are not encrypted (plain http): put a proxy that terminates TLS in front of it.",
    );
  }
  if (rootTokenAt !== undefined) lines.push(`The root token is in ${rootTokenAt} (only you can read it).`);
  lines.push(
    `Data and key are in ${data}. Keep a copy of the key: without it, nothing that is stored can be read again.`,
  );
  return lines.join("\n");
}

function isExposed(listen: Listen): boolean {
  return "host" in listen && !/^(127\.|::1$|localhost$)/.test(listen.host);
}
