import type { Socket } from "node:net";
import { systemClock } from "../../process/clock.ts";
import { answerKey, type SealedTalk } from "./handshake.ts";

/** A request is a few hundred bytes and comes at once. Bytes, milliseconds. */
const LONGEST_REQUEST = 65_536;
const REQUEST_MS = 5_000;

const NO_OBJECT = "the request is not a JSON object";

/**
 * One object in, one out. What comes in may come in parts, and without a line's end; what goes out is written at once, since
 * oidc-agent's programs read once. Where a key comes first, all that follows is sealed.
 */
export function serveConnection(socket: Socket, answer: (request: object) => Promise<object>): void {
  let text = "";
  let talk: SealedTalk | undefined;
  const tooLate = systemClock.after(REQUEST_MS, () => socket.destroy());
  const end = (request: object | string) => {
    tooLate();
    socket.off("data", take).off("end", ended).resume();
    const answered = typeof request === "string" ? Promise.resolve(refusal(request)) : answer(request);
    void answered.then((object) => {
      const plain = JSON.stringify(object);
      socket.end(talk ? talk.seal(plain) : plain);
    });
  };
  const ended = () => end(NO_OBJECT);
  const take = (chunk: string) => {
    text += chunk;
    if (Buffer.byteLength(text) > LONGEST_REQUEST) return void socket.destroy();
    const key = talk ? undefined : answerKey(text);
    if (key) {
      [talk, text] = [key, ""];
      return void socket.write(key.publicKey);
    }
    const request = requestIn(text, talk);
    if (request !== undefined) end(request);
  };
  socket.setEncoding("utf8");
  socket
    .on("error", () => {})
    .on("close", tooLate)
    .on("data", take)
    .on("end", ended);
}

function refusal(error: string): object {
  return { status: "failure", error };
}

/** The request, or what is wrong with it; `undefined` while more is to come. */
function requestIn(text: string, talk: SealedTalk | undefined): object | string | undefined {
  const plain = talk ? talk.open(text) : text;
  if (plain === undefined) return undefined;
  const request = parse(plain);
  return request || !talk ? request : NO_OBJECT;
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
