import pg from "pg";
import { StoreUnavailable } from "../port.ts";

/** The one way to log in that proves which TLS connection it came by (RFC 5802 section 6, RFC 5929 section 4). */
const BOUND = "SCRAM-SHA-256-PLUS";

/**
 * libpq's `channel_binding=require`: whatever else the server asks for, or takes without asking, ends the connection before a
 * password or a proof of one is sent. The driver by itself would go on without.
 */
export class BoundClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // Before the driver's own listeners, which are added as it connects.
    const { connection } = this;
    let bound = false;
    const refuse = (how: string) => {
      // The driver would call a connection that it was told of as broken ready after all.
      connection.removeAllListeners("readyForQuery");
      connection.emit(
        "error",
        new StoreUnavailable(
          `channel_binding=require: the database ${how}: check its certificate and pg_hba.conf, or leave channel_binding out`,
        ),
      );
      connection.stream.destroy();
    };
    connection.on("authenticationSASL", ({ mechanisms }: { mechanisms: readonly string[] }) => {
      if (!mechanisms.includes(BOUND)) refuse("does not offer it");
    });
    connection.on("authenticationSASLFinal", () => {
      bound = true;
    });
    for (const other of ["authenticationCleartextPassword", "authenticationMD5Password"]) {
      connection.on(other, () => refuse("asks for the password in another way"));
    }
    connection.on("authenticationOk", () => {
      if (!bound) refuse("let this user in without it");
    });
  }
}
