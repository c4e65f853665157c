import type { Socket } from "node:net";
import type { Clock } from "../process/clock.ts";
import { type ProxyHeader, readProxyHeader } from "./proxy-header.ts";

/** A balancer sends it at once, with the first packet. Milliseconds. */
const HEADER_MS = 5_000;

/**
 * Takes the PROXY header off the beginning of a connection; what comes behind it is left in the socket. Undefined where there
 * is no proper header in time: then the connection is over.
 */
export function takeProxyHeader(socket: Socket, clock: Pick<Clock, "after">): Promise<ProxyHeader | undefined> {
  const { promise, resolve } = Promise.withResolvers<ProxyHeader | undefined>();
  let seen: Buffer = Buffer.alloc(0);
  const read = () => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) seen = Buffer.concat([seen, chunk]);
    const header = readProxyHeader(seen);
    if (header === "bad") fail();
    else if (header !== "more") done(header);
  };
  const fail = () => done(undefined);
  const cancel = clock.after(HEADER_MS, fail);
  const done = (header: ProxyHeader | undefined) => {
    cancel();
    socket.off("readable", read).off("end", fail).off("error", fail).off("close", fail);
    if (header && seen.length > header.length) socket.unshift(seen.subarray(header.length));
    if (!header) socket.on("error", () => {}).destroy();
    resolve(header);
  };
  socket.on("readable", read).on("end", fail).on("error", fail).on("close", fail);
  return promise;
}
