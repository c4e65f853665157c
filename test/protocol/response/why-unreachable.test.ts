import assert from "node:assert/strict";
import { test } from "node:test";
import { TransportError, type TransportErrorCode } from "../../../src/protocol/response/transport-error.ts";
import { whyUnreachable } from "../../../src/protocol/response/why-unreachable.ts";

const caused = (code: string) => Object.assign(new Error("x"), { code });

test("FC-83 why a server cannot be reached goes by the system's code, however deep it lies, else by our own", () => {
  for (const [code, cause, why] of [
    ["unreachable", caused("ENOTFOUND"), /no host of that name/],
    ["unreachable", caused("EAI_AGAIN"), /name server/],
    ["unreachable", new Error("y", { cause: caused("ECONNREFUSED") }), /nothing listens/],
    ["unreachable", caused("ENETUNREACH"), /no way to its network/],
    ["unreachable", caused("CERT_HAS_EXPIRED"), /expired/],
    ["unreachable", caused("ERR_TLS_CERT_ALTNAME_INVALID"), /another name/],
    ["unreachable", caused("DEPTH_ZERO_SELF_SIGNED_CERT"), /NODE_EXTRA_CA_CERTS/],
    ["unreachable", caused("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), /NODE_EXTRA_CA_CERTS/],
    ["address_refused", undefined, /not public: allow it with "serve --allow-networks"/],
    ["url_refused", undefined, /internal network: allow it/],
    ["timeout", undefined, /in time/],
  ] as const satisfies readonly (readonly [TransportErrorCode, Error | undefined, RegExp])[]) {
    assert.match(String(whyUnreachable(new TransportError(code, false, { cause }))), why);
  }
  assert.equal(whyUnreachable(new TransportError("unreachable", false)), undefined);
});
