import type { Socket } from "node:net";

interface Source {
  readonly address: string;
  readonly port: number;
}

/** What the balancer has said of a connection, by the two ends that the connection really has. */
const said = new Map<string, Source>();

/** From now on the socket tells this other end, and so does what TLS makes of it. */
export function comesFrom(socket: Socket, source: Source): void {
  const ends = endsOf(socket);
  said.set(ends, source);
  socket.once("close", () => said.delete(ends));
  tell(socket, source);
}

/** What was said of the connection that a TLS socket is on. */
export function tellAsBelow(encrypted: Socket): void {
  const source = said.get(endsOf(encrypted));
  if (source) tell(encrypted, source);
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(" ");
}

function tell(socket: Socket, { address, port }: Source): void {
  Object.defineProperties(socket, {
    remoteAddress: { value: address },
    remotePort: { value: port },
    remoteFamily: { value: address.includes(":") ? "IPv6" : "IPv4" },
  });
}
