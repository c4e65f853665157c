import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import { TransportError } from "../protocol/response/transport-error.ts";
import type { Answer } from "./answer.ts";

type Decoder = (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["gzip", promisify(gunzip)],
  ["x-gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
  ["br", promisify(brotliDecompress)],
  ["zstd", promisify(zstdDecompress)],
]);

/** Headers of the connection, not of the answer as it is passed on; and cookies, which nobody here keeps. */
const DROPPED_HEADERS: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "set-cookie",
]);

/** Fetch 2.2.3, null body status: the platform's Response refuses a body, even an empty one, under these. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Reads an answer to its end, `limit` bytes at most, both as sent and decoded, and only then makes a `Response` of it.
 * Rejects with `TransportError`, or with undici's error when the body breaks off.
 */
export async function readResponse(answer: Answer, limit: number, method: string): Promise<Response> {
  const { status, headers } = answer;
  const raw = await readLimited(answer, limit);
  // requirements.md section 3: trailers are not part of anything OAuth says; whoever adds them garbles the answer.
  if (Object.keys(answer.trailers).length > 0) throw new TransportError("reset", true);
  const encoding = String(headers["content-encoding"] ?? "")
    .trim()
    .toLowerCase();
  const isPlain = encoding === "" || encoding === "identity";
  // A one-time token may be inside: then a disobedient server is put up with. Metadata can be asked for again.
  if (!isPlain && method === "GET") throw new TransportError("encoding_refused", true);
  const bytes = isPlain ? raw : await decode(raw, encoding, limit);
  const head = { status, headers: keptHeaders(headers) };
  return BODILESS.has(status) ? new Response(null, head) : textResponse(bytes, head);
}

/**
 * A `Response` whose text is here. The platform's own makes a stream of its bytes and reads that again, for three times the time; it is
 * made only for whoever wants more than the text.
 */
function textResponse(bytes: Uint8Array<ArrayBuffer>, head: ResponseInit): Response {
  const streamed = () => new Response(bytes, head);
  return Object.defineProperties(new Response(null, head), {
    text: { value: async () => new TextDecoder().decode(bytes) },
    json: { value: () => streamed().json() },
    bytes: { value: () => streamed().bytes() },
    arrayBuffer: { value: () => streamed().arrayBuffer() },
    blob: { value: () => streamed().blob() },
    formData: { value: () => streamed().formData() },
    body: { get: () => streamed().body },
    clone: { value: () => textResponse(bytes, head) },
  });
}

function keptHeaders(headers: Answer["headers"]): Headers {
  const kept = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !DROPPED_HEADERS.has(name)) kept.set(name, [value].flat().join(", "));
  }
  return kept;
}

async function readLimited(body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new TransportError("too_large", true);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Undoes one content encoding (identity was asked for; some servers compress all the same). The decoded size is what
 * counts: 97 KB of gzip can be 100 MB.
 */
async function decode(body: Uint8Array, encoding: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const decoder = DECODERS.get(encoding);
  if (!decoder) throw new TransportError("encoding_refused", true);
  try {
    return Uint8Array.from(await decoder(body, { maxOutputLength: limit }));
  } catch (cause) {
    const isTooLarge = cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
    throw new TransportError(isTooLarge ? "too_large" : "encoding_refused", true, { cause });
  }
}
