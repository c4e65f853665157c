import type { Readable } from "node:stream";
import { badRequest, HttpError } from "../answer/http-error.ts";

/** Beyond this a sender is cut off; up to it the rest is swallowed, so that the refusal can be read. Bytes. */
const SWALLOWED = 33_554_432;

/** Bytes taken for the first of a body. */
const SMALLEST = 1_024;

/** A whole body of at most `limit` bytes. Rejects with 413, or 400 when it ends early. */
export async function readBody(stream: Readable, limit: number): Promise<Buffer> {
  let body = Buffer.alloc(0);
  let length = 0;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const end = length + chunk.length;
      if (end > limit) body = Buffer.alloc(0);
      else body = append(body, length, chunk, limit);
      length = end;
      if (length > SWALLOWED) break;
    }
  } catch {
    throw badRequest("bad request");
  }
  if (length > limit) throw new HttpError(413, ["request body too large"]);
  return body.subarray(0, length);
}

/** A body that comes byte by byte takes no more than twice its size: chunks that were kept would take hundreds of times. */
function append(body: Buffer<ArrayBuffer>, length: number, chunk: Buffer, limit: number): Buffer<ArrayBuffer> {
  const end = length + chunk.length;
  const room = end <= body.length ? body : Buffer.alloc(Math.min(limit, Math.max(end, 2 * body.length, SMALLEST)));
  if (room !== body) body.copy(room, 0, 0, length);
  chunk.copy(room, length);
  return room;
}
