import { join } from "node:path";
import type { Era } from "../../mcp/era.ts";
import { type Fields, isFields } from "../../mcp/message.ts";
import { systemClock } from "../../process/clock.ts";
import { makeFolder } from "../../process/make-folder.ts";
import { stateFolder } from "../kept/folders.ts";
import { readOwn, replaceFile } from "../kept/private-file.ts";

/** MCP-B11, MCP-B12: the last answers of a server, for a bridge that starts while it cannot be asked. */
interface Remembered {
  /** When the server was found not to speak an era: it may have learnt it since. Epoch milliseconds. */
  readonly lacks?: Readonly<Partial<Record<Era, number>>>;
  /** Results, by method: of `initialize`, `server/discover` and the lists. */
  readonly results?: Readonly<Record<string, Fields>>;
}

/** What a server does not speak it is asked again after a day. Milliseconds. */
const LACK_HOLDS_MS = 86_400_000;

/** Answers come in a row: they are written together. Milliseconds. */
const WRITE_AFTER_MS = 300;

/** More than that is not worth its room. Bytes. */
const LONGEST_FILE = 4 * 1024 * 1024;

export class Memory {
  readonly #path: string;
  #now: Remembered;
  #cancel: (() => void) | undefined;

  constructor(name: string) {
    this.#path = join(stateFolder(), "mcp", `${encodeURIComponent(name)}.json`);
    this.#now = read(this.#path);
  }

  lacks(era: Era): boolean {
    const { [era]: since } = this.#now.lacks ?? {};
    return since !== undefined && systemClock.wall() - since < LACK_HOLDS_MS;
  }

  learnEra(era: Era, isSpoken: boolean): void {
    if (this.lacks(era) !== isSpoken) return;
    const { [era]: _before, ...others } = this.#now.lacks ?? {};
    this.#change({ ...this.#now, lacks: isSpoken ? others : { ...others, [era]: systemClock.wall() } });
  }

  result(method: string): Fields | undefined {
    return this.#now.results?.[method];
  }

  learn(method: string, result: Fields): void {
    if (JSON.stringify(this.result(method)) === JSON.stringify(result)) return;
    this.#change({ ...this.#now, results: { ...this.#now.results, [method]: result } });
  }

  #change(now: Remembered): void {
    this.#now = now;
    this.#cancel ??= systemClock.after(WRITE_AFTER_MS, () => this.write());
  }

  /** What is not written is asked again the next time: no reason to fail. */
  write(): void {
    if (!this.#cancel) return;
    this.#cancel();
    this.#cancel = undefined;
    try {
      const text = JSON.stringify(this.#now);
      if (text.length > LONGEST_FILE) return;
      makeFolder(join(stateFolder(), "mcp"));
      replaceFile(this.#path, text);
    } catch {
      // The disk is full, or nobody may write there.
    }
  }
}

function read(path: string): Remembered {
  try {
    const value: unknown = JSON.parse(readOwn(path) ?? "{}");
    return isFields(value) ? (value as Remembered) : {};
  } catch {
    return {};
  }
}
