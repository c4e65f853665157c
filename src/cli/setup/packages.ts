import { usage } from "../frame/fail.ts";
import type { Target } from "./target.ts";

/** pip and uv run `keyring get URL USER`; the index sees who asks by the token alone. */
export const pip: Target = {
  key: "host",
  link: () => "keyring",
  paste: ({ key, link }) => `${link} answers pip and uv for the hosts that are set up here, and nobody else.
The index's address needs a user: https://oauth2accesstoken@${key}/simple/ (some indexes want __token__)
pip:  pip config set global.keyring-provider subprocess
uv:   UV_KEYRING_PROVIDER=subprocess`,
};

/** pnpm gives its helper no argument: the link's name says the login. */
export const pnpm: Target = {
  key: "host",
  link: (name) => {
    if (!/^[\w.-]+$/.test(name)) throw usage(`"${name}" cannot be in a link's name: give the login another one`);
    return `coatcheck-token-${name}`;
  },
  paste: ({ key, link }) => `In ~/.npmrc (pnpm ignores it in a project's):
//${key}/:tokenHelper=${link}`,
};
