/** What a key of a waiting screen does. */
export type KeyActions = Readonly<Record<string, () => void>>;

const CTRL_C = "\x03";

/** Listens to single keys; answers the end of it, which gives the terminal back as it was. */
export function listenToKeyboard(keys: KeyActions, interrupt: () => void): () => void {
  const { stdin } = process;
  const take = (chunk: Buffer) => {
    for (const key of chunk.toString("utf8")) {
      if (key === CTRL_C) interrupt();
      else keys[key.toLowerCase()]?.();
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
