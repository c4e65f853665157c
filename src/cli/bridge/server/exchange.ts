import type { IncomingMessage } from "node:http";
import { EventReader, EventTooLong } from "../../../mcp/event-stream.ts";
import { type Message, onOneLine, parseMessages } from "../../../mcp/message.ts";
import { systemClock } from "../../../process/clock.ts";
import { LONGEST_MESSAGE } from "../lines.ts";
import { type Call, Lost, type Way } from "./way.ts";

/** A message that came, and the text that it came as, on one line. */
export type Sink = (message: Message, text: string) => Promise<void> | void;

/** Where a stream of a legacy server goes on. */
export interface Position {
  /** `Last-Event-ID`. */
  readonly id?: string;
  /** Milliseconds to wait first. */
  readonly retry?: number;
}

/** What came of a request. `refused`: a status that is no success; `text` is its body, as far as it was read. */
export type Reply =
  | { readonly is: "json" | "accepted" | "other"; readonly answer: IncomingMessage }
  | { readonly is: "stream"; readonly answer: IncomingMessage; readonly position: Position }
  | { readonly is: "refused"; readonly status: number; readonly answer: IncomingMessage; readonly text: string };

/** A body of an error is for people; bytes. */
const LONGEST_REFUSAL = 1024 * 1024;

export interface Exchange {
  readonly call: Call;
  readonly sink: Sink;
  /** Milliseconds of silence that are too long: before the answer begins, and in an event stream. */
  readonly silence?: { readonly first?: number; readonly stream?: number };
  /** Told as soon as the answer begins. */
  readonly onAnswer?: (answer: IncomingMessage) => void;
  /** Told of each event that has a name of its own, with its data. */
  readonly onEvent?: (name: string, data: string) => void;
}

/** One request, and the messages that answer it as they come. Rejects with `Unreached`, `Lost`, or the signal's reason. */
export async function exchange(way: Way, asked: Exchange): Promise<Reply> {
  const { call, sink, silence = {}, onAnswer, onEvent } = asked;
  const watch = watchSilence(call.signal);
  try {
    watch.expect(silence.first);
    const answer = await way.send({ ...call, signal: watch.signal });
    watch.expect(undefined);
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 299) {
      return { is: "refused", status, answer, text: (await textOf(answer, LONGEST_REFUSAL)) ?? "" };
    }
    onAnswer?.(answer);
    const type = (answer.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
    if (type === "text/event-stream") {
      const reply = await readStream(answer, { sink, onEvent, onPiece: () => watch.expect(silence.stream) });
      watch.signal.throwIfAborted();
      return reply;
    }
    watch.expect(silence.first);
    const text = await textOf(answer, LONGEST_MESSAGE);
    if (text === undefined) throw new Lost("the answer is longer than 64 MiB");
    if (text.trim() === "") return { is: "accepted", answer };
    const messages = parseMessages(text);
    if (messages === undefined) return { is: "other", answer };
    if (Array.isArray(messages)) for (const message of messages) await sink(message, JSON.stringify(message));
    else await sink(messages as Message, onOneLine(text));
    return { is: "json", answer };
  } catch (error) {
    throw watch.signal.aborted ? watch.signal.reason : error;
  } finally {
    watch.end();
  }
}

interface Reading {
  readonly sink: Sink;
  readonly onPiece: () => void;
  readonly onEvent: Exchange["onEvent"];
}

async function readStream(answer: IncomingMessage, { sink, onPiece, onEvent }: Reading): Promise<Reply> {
  const reader = new EventReader(LONGEST_MESSAGE);
  let position: Position = {};
  try {
    onPiece();
    for await (const piece of answer as AsyncIterable<Buffer>) {
      onPiece();
      for (const { event = "message", data, id, retry } of reader.push(piece)) {
        position = { ...position, ...(id !== undefined && { id }), ...(retry !== undefined && { retry }) };
        if (event !== "message") onEvent?.(event, data);
        if (event !== "message" || data === "") continue;
        const message = parseMessages(data);
        if (Array.isArray(message)) for (const one of message) await sink(one, JSON.stringify(one));
        else if (message) await sink(message as Message, onOneLine(data));
      }
    }
    return { is: "stream", answer, position };
  } catch (error) {
    if (error instanceof EventTooLong) throw new Lost("an event is longer than 64 MiB");
    return { is: "stream", answer, position };
  }
}

/** Undefined: it is longer. */
function textOf(answer: IncomingMessage, longest: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    answer.on("data", (part: Buffer) => {
      length += part.length;
      parts.push(part);
      if (length <= longest) return;
      answer.destroy();
      resolve(undefined);
    });
    answer.on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
    answer.on("close", () => reject(new Lost("the answer ended early")));
  });
}

/** Gives up where nothing is heard for too long. */
function watchSilence(outer: AbortSignal | undefined) {
  const own = new AbortController();
  const passOn = () => own.abort(outer?.reason);
  if (outer?.aborted) passOn();
  outer?.addEventListener("abort", passOn, { once: true });
  let cancel = () => {};
  return {
    signal: own.signal,
    expect(milliseconds: number | undefined) {
      cancel();
      cancel = () => {};
      if (milliseconds) cancel = afterLong(milliseconds, () => own.abort(silent(milliseconds)));
    },
    end() {
      cancel();
      outer?.removeEventListener("abort", passOn);
    },
  };
}

function silent(milliseconds: number): Lost {
  return new Lost(`nothing was heard for ${Math.round(milliseconds / 1_000)} s`);
}

/** The clock's timers last a minute at most. */
function afterLong(milliseconds: number, callback: () => void): () => void {
  const end = systemClock.monotonic() + milliseconds;
  let cancel = () => {};
  const wait = () => {
    const left = end - systemClock.monotonic();
    cancel = left <= 0 ? () => {} : systemClock.after(left, wait);
    if (left <= 0) callback();
  };
  wait();
  return () => cancel();
}
