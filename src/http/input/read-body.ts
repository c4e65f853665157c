import type { Readable } from "node:stream";
import { BrokerError } from "../../broker/errors.ts";
import { badRequest, HttpError } from "../answer/http-error.ts";

/** Beyond this a sender is cut off; up to it the rest is swallowed, so that the refusal can be read. Bytes. */
const SWALLOWED = 33_554_432;

/** Bytes taken for the first of a body. */
const SMALLEST = 1_024;

/** Where the bytes of unfinished bodies are counted. */
export interface BodyAccount {
  /** So many more are about to be kept; throws a `BrokerError` where there is no room. */
  take(bytes: number): void;
  /** All of them are gone. */
  giveBack(): void;
}

/** A whole body of at most `limit` bytes, counted until it is whole. Rejects with 413, with 400 when it ends early, or as the account does. */
export async function readBody(stream: Readable, limit: number, account: BodyAccount): Promise<Buffer> {
  let body = Buffer.alloc(0);
  let length = 0;
  try {
    for await (const chunk of chunksOf(stream)) {
      const end = length + chunk.length;
      if (end > limit) body = Buffer.alloc(0);
      else body = append(body, length, chunk, limit, account);
      length = end;
      forget(chunk);
      if (length > SWALLOWED) break;
    }
  } catch (error) {
    throw error instanceof BrokerError ? error : badRequest("bad request");
  } finally {
    account.giveBack();
  }
  if (length > limit) throw new HttpError(413, ["request body too large"]);
  return body.subarray(0, length);
}

/** What has come whole, as most bodies have, is read without the listeners and promises of an iterator. */
function chunksOf(stream: Readable): AsyncIterable<Buffer> | Iterable<Buffer> {
  const isWhole = "complete" in stream && stream.complete === true && !stream.readableDidRead;
  return isWhole ? piecesOf(stream) : stream.iterator({ destroyOnReturn: false });
}

function* piecesOf(stream: Readable): Generator<Buffer> {
  for (let piece: Buffer | null = stream.read(); piece !== null; piece = stream.read()) yield piece;
}

/**
 * Frees a chunk that nobody needs any more. The next collection would, but until then a flood at full speed leaves so many that
 * the system's allocator gives none of their room back afterwards (measured: 80 MiB).
 */
export function forget({ buffer, byteLength }: Uint8Array): void {
  // A slice is of somebody else's.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** A body that comes byte by byte takes no more than twice its size: chunks that were kept would take hundreds of times. */
function append(
  body: Buffer<ArrayBuffer>,
  length: number,
  chunk: Buffer,
  limit: number,
  account: BodyAccount,
): Buffer<ArrayBuffer> {
  const end = length + chunk.length;
  if (end <= body.length) {
    chunk.copy(body, length);
    return body;
  }
  const size = Math.min(limit, Math.max(end, 2 * body.length, SMALLEST));
  account.take(size - body.length);
  const room = Buffer.alloc(size);
  body.copy(room, 0, 0, length);
  chunk.copy(room, length);
  return room;
}
