import type { Clock } from "../../process/clock.ts";
import type { Log } from "../../process/log.ts";
import { CannotOpen, type Place, type Seal } from "../../seal/port.ts";
import { bounded } from "./bounded.ts";

/** A record that somebody asks for again and again is not news each time. Milliseconds. */
const AGAIN_MS = 3_600_000;

/** Records that are remembered as told. */
const MOST = 10_000;

/** The seal, which names in the log what it cannot open, whoever asked for it: once per record and hour. */
export function tellingSeal<S extends Seal>(seal: S, log: Pick<Log, "error">, clock: Pick<Clock, "monotonic">): S {
  const toldAt = bounded<number>(MOST);
  const tell = ({ mount, kind, id, name }: Place, { message }: CannotOpen) => {
    const now = clock.monotonic();
    if (now - (toldAt.get(id) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    toldAt.set(id, now);
    log.error("cannot_open", { mount, kind, id, name, message });
  };
  return {
    ...seal,
    open: (sealed, place) => {
      try {
        return seal.open(sealed, place);
      } catch (error) {
        if (error instanceof CannotOpen) tell(place, error);
        throw error;
      }
    },
  };
}
