import type { Socket } from "node:net";

/** The other end of a connection. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

/** The two ends that a connection by address really has: of no other one while it is open, and the same under TLS. */
export function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(" ");
}

/** From now on the socket tells this other end. */
export function comesFrom(socket: Socket, { address, port }: Source): void {
  Object.defineProperties(socket, {
    remoteAddress: { value: address },
    remotePort: { value: port },
    remoteFamily: { value: address.includes(":") ? "IPv6" : "IPv4" },
  });
}
