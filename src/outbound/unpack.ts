import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import type { Forwarded } from "../protocol/forward.ts";
import { TransportError } from "../protocol/response/transport-error.ts";

const UNPACKERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
  ["zstd", createZstdDecompress],
]);

/** RFC 9110 8.4 lists encodings in the order in which they were applied; nobody needs more. */
const MOST = 2;

type Packed = Pick<Forwarded, "headers" | "body">;

/**
 * An answer without its encoding, for whoever searches it: identity was asked for, and some servers pack all the same. Throws
 * `TransportError` (`encoding_refused`) for an encoding that is not known here.
 */
export function unpack({ headers, body }: Packed): Packed {
  const encodings = namesIn(headers["content-encoding"]).filter((name) => name !== "identity");
  const unpackers = encodings.map((name) => UNPACKERS.get(name));
  const isFramedOtherwise = namesIn(headers["transfer-encoding"]).some((name) => name !== "chunked");
  if (isFramedOtherwise || encodings.length > MOST) throw new TransportError("encoding_refused", true);
  if (encodings.length === 0) return { headers, body };
  const { "content-encoding": _, "content-length": _length, ...kept } = headers;
  return {
    headers: kept,
    body: unpackers.reduceRight<AsyncIterable<Uint8Array>>((packed, unpacker) => {
      if (!unpacker) throw new TransportError("encoding_refused", true);
      return through(packed, unpacker);
    }, body),
  };
}

function namesIn(header: string | readonly string[] | undefined): readonly string[] {
  const names = [header ?? []].flat().flatMap((value) => value.split(","));
  return names.map((name) => name.trim().toLowerCase()).filter((name) => name !== "");
}

/** Nothing at all is whole as it is; to a decoder it were an answer that breaks off. */
async function* through(packed: AsyncIterable<Uint8Array>, unpacker: () => Transform): AsyncGenerator<Uint8Array> {
  const pieces = packed[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done) return;
  const all = (async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => pieces };
  })();
  // An error of the one ends the other; whoever reads hears of it.
  yield* pipeline(Readable.from(all, { objectMode: false }), unpacker(), () => {});
}
