import { join } from "node:path";
import { freePort } from "../../servers/free-port.ts";
import { npmInstall, startProcess } from "../process.ts";
import { type Candidate, SECRET } from "../server.ts";

const VERSION = "9.3.0";

/** Takes every client and every code; people use it in tests of their own. */
export const oauth2MockServer: Candidate = {
  name: "oauth2-mock-server",
  start: async ({ folder }) => {
    await npmInstall(folder, [`oauth2-mock-server@${VERSION}`]);
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const program = join(folder, "node_modules/oauth2-mock-server/dist/oauth2-mock-server.mjs");
    const { close } = await startProcess(process.execPath, [program, "-a", "localhost", "-p", String(port)], {
      url: `${origin}/.well-known/openid-configuration`,
      cwd: folder,
    });
    const confidential = { client_id: "confidential", client_secret: SECRET };
    const clients = { public: { client_id: "public" }, confidential };
    return {
      version: VERSION,
      provider: "oidc",
      options: { issuer_url: origin },
      scopes: "openid",
      clients: { device: {}, code: clients },
      self: confidential,
      selfScopes: "read",
      lacks: {
        device: "no device endpoint",
        sts: "no token exchange",
        registration: "no registration endpoint; it takes any client",
        private_key_jwt: "it looks at no client authentication",
      },
      close,
    };
  },
};
