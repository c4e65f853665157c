import type { Readable } from "node:stream";
import { badRequest, HttpError } from "../answer/http-error.ts";

/** Beyond this a sender is cut off; up to it the rest is swallowed, so that the refusal can be read. Bytes. */
const SWALLOWED = 33_554_432;

/** A whole body of at most `limit` bytes. Rejects with 413, or 400 when it ends early. */
export async function readBody(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (length > SWALLOWED) break;
    }
  } catch {
    throw badRequest("bad request");
  }
  if (length > limit) throw new HttpError(413, ["request body too large"]);
  return Buffer.concat(chunks, length);
}
