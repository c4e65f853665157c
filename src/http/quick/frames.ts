import { randomInt, randomUUID } from "node:crypto";
import type { TokenView } from "../../broker/broker.ts";

/** Stand for what changes from one answer to the next; random, so that no token holds them. */
const ID = randomUUID();
const SECONDS = randomInt(2 ** 46, 2 ** 47);
const MARKS = new RegExp(`(${ID}|${SECONDS})`);

/** The body of an answer, by the functions that the routes use. */
type Render = (view: TokenView, id: string) => object;

/** A body of a token's answers, rendered once for each token: only its request's id and the seconds left are put in. */
export function framed(render: Render): (view: TokenView, id: string, now: number) => string {
  const frames = new WeakMap<TokenView, readonly string[]>();
  return (view, id, now) => {
    const frame = frames.get(view) ?? frameOf(render, view);
    frames.set(view, frame);
    const seconds = String(Math.floor(((view.expiresAt ?? now) - now) / 1000));
    let body = "";
    for (const part of frame) body += part === ID ? id : part === MARKED_SECONDS ? seconds : part;
    return body;
  };
}

const MARKED_SECONDS = String(SECONDS);

function frameOf(render: Render, view: TokenView): readonly string[] {
  const marked = view.expiresAt === undefined ? view : { ...view, remainingSeconds: SECONDS };
  return `${JSON.stringify(render(marked, ID))}\n`.split(MARKS);
}
