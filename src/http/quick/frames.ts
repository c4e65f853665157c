import { randomInt, randomUUID } from "node:crypto";
import type { TokenView } from "../../broker/broker.ts";

/** Stand for what changes from one answer to the next; random, so that no token holds them. */
const ID = randomUUID();
const SECONDS = randomInt(2 ** 46, 2 ** 47);
const MARKS = new RegExp(`(${ID}|${SECONDS})`);

/** The body of an answer, by the functions that the routes use. */
type Render = (view: TokenView, id: string) => object;

interface Frame {
  readonly parts: readonly string[];
  /** Bytes of its text in UTF-8 beyond its characters. */
  readonly more: number;
}

/** A body, and its length in bytes. */
export interface Body {
  readonly text: string;
  readonly bytes: number;
}

/** A body of a token's answers, rendered once for each token: only its request's id and the seconds left are put in. */
export function framed(render: Render): (view: TokenView, id: string, now: number) => Body {
  const frames = new WeakMap<TokenView, Frame>();
  return (view, id, now) => {
    let frame = frames.get(view);
    if (!frame) {
      frame = frameOf(render, view);
      frames.set(view, frame);
    }
    const seconds = String(Math.floor(((view.expiresAt ?? now) - now) / 1000));
    let text = "";
    for (const part of frame.parts) text += part === ID ? id : part === MARKED_SECONDS ? seconds : part;
    return { text, bytes: text.length + frame.more };
  };
}

const MARKED_SECONDS = String(SECONDS);

function frameOf(render: Render, view: TokenView): Frame {
  const marked = view.expiresAt === undefined ? view : { ...view, remainingSeconds: SECONDS };
  const text = `${JSON.stringify(render(marked, ID))}\n`;
  return { parts: text.split(MARKS), more: Buffer.byteLength(text) - text.length };
}
