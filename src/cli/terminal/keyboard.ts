/** What a key of a waiting screen does. */
type KeyActions = Readonly<Record<string, () => void>>;

interface Heard {
  readonly keys: KeyActions;
  interrupt(): void;
  /** A whole line that was typed or pasted; where none is wanted there are only keys. */
  readonly line?: (line: string) => void;
  /** The first of a line came, which the terminal does not show. */
  readonly begun?: () => void;
}

const CTRL_C = "\x03";

/** Nobody pastes more. Characters. */
const LONGEST_LINE = 16_384;

/** Listens to single keys, and to lines; answers the end of it, which gives the terminal back as it was. */
export function listenToKeyboard(heard: Heard): () => void {
  const { stdin } = process;
  const pasted = collectLine(heard);
  const take = (chunk: Buffer) => {
    const text = chunk.toString("utf8");
    if (heard.line && (pasted.isBegun() || !isKey(heard, text))) return pasted.take(text);
    for (const key of text) {
      if (key === CTRL_C) heard.interrupt();
      else heard.keys[key.toLowerCase()]?.();
    }
  };
  stdin.setRawMode(true);
  stdin.on("data", take);
  stdin.resume();
  return () => {
    stdin.off("data", take);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

function isKey({ keys }: Heard, text: string): boolean {
  return text === CTRL_C || Object.hasOwn(keys, text.toLowerCase());
}

/** What terminals put around a paste, and other keys than characters. */
const ESCAPES = new RegExp(["\x1b\\[", "[\\d;]*", "[A-Za-z~]"].join(""), "g");

function collectLine({ line, begun, interrupt }: Heard) {
  let collected = "";
  const add = (part: string) => {
    if (collected === "" && part !== "") begun?.();
    collected = (collected + part).slice(0, LONGEST_LINE);
  };
  return {
    isBegun: () => collected !== "",
    take: (text: string) => {
      if (text.includes(CTRL_C)) return interrupt();
      const plain = text.replaceAll(ESCAPES, "");
      if (plain === "\x7f" || plain === "\b") {
        collected = collected.slice(0, -1);
        return;
      }
      // A line break inside what is pasted is the copied window's; Enter comes last.
      add(plain.replaceAll(/\s/g, ""));
      if (!/[\r\n]$/.test(plain) || collected === "") return;
      const whole = collected;
      collected = "";
      line?.(whole);
    },
  };
}
