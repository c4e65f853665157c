import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Principal } from "../../access/authenticator.ts";
import type { Render, Rendering } from "../../audit/audit.ts";
import { authOf, requestOf, timeOf } from "../../audit/lines.ts";
import type { Salted } from "../../audit/salted.ts";
import type { TokenView } from "../../broker/broker.ts";
import type { Deps } from "../app-types.ts";
import { plainAddress } from "../gate/network.ts";
import { sessionTokenData } from "../session/token.ts";
import { tokenEnvelope } from "../vault/token.ts";

/** What a line is answered for. */
interface Read {
  readonly view: TokenView;
  readonly secret: string;
  readonly principal?: Principal;
  readonly mount: string;
}

/** Of the lines of a read what does not change from one to the next, made for the first. */
interface Frame {
  readonly salted: Salted;
  readonly secret: string;
  readonly principal: Principal | undefined;
  /** Up to the request's id, from there to the address, and behind the port. */
  readonly auth: string;
  readonly before: string;
  readonly after: string;
  readonly response: string;
}

/** Both lines of a quick read, as `gate/audit` would write them. */
export function quickLines(deps: Deps): (request: IncomingMessage, read: Read, id: string) => Render {
  const frames = new WeakMap<TokenView, Frame>();
  const frameOf = (device: Rendering, path: string, read: Read) => {
    const known = frames.get(read.view);
    const { salted } = device;
    if (known?.salted === salted && known.secret === read.secret && known.principal === read.principal) return known;
    const frame = makeFrame(deps, salted, path, read);
    frames.set(read.view, frame);
    return frame;
  };
  return (request, read, id) => (device) => {
    const { url = "", socket } = request;
    const { auth, before, after, response } = frameOf(device, url, read);
    const time = timeOf(deps.clock.now());
    const where = `"remote_address":"${plainAddress(socket.remoteAddress)}","remote_port":${socket.remotePort ?? 0}`;
    const common = `${auth}"${id}"${before}${where}${after}`;
    return [
      `"time":"${time}","type":"request",${common}}`,
      `"time":"${time}","type":"response",${common},"response":${response}}`,
    ];
  };
}

/** Stand for what changes; random, so that nothing else in a line is the same. */
const [ID, ADDRESS] = [randomUUID(), randomUUID()];
const MARKS = new RegExp(`"${ID}"|"remote_address":"${ADDRESS}"`);

function makeFrame({ broker }: Deps, salted: Salted, url: string, { view, secret, principal, mount }: Read): Frame {
  const isVault = url.startsWith("/v1/");
  const session = principal ? undefined : broker.sessions.idOf(mount, secret);
  const caller = { secret, principal, session };
  const path = isVault ? url.slice("/v1/".length) : url.slice(1);
  const told = { id: ID, operation: "read", path, address: ADDRESS, ...(isVault && { mount: `${mount}/` }) };
  const parts = JSON.stringify({ auth: authOf(salted, caller), request: requestOf(salted, caller, told) });
  const [auth = "", before = "", after = ""] = parts.slice(1, -1).split(MARKS);
  const { expires_in: _, ...flat } = sessionTokenData(view);
  const data = isVault ? tokenEnvelope({ id: ID }, view).data : flat;
  const response = JSON.stringify({ status: 200, data: salted.values(data) });
  return { salted, secret, principal, auth, before, after, response };
}
