import { usage } from "../frame/fail.ts";
import { docker } from "./docker.ts";
import { git } from "./git.ts";
import { cargoKey, hostKey, nameKey, pathKey } from "./keys.ts";
import { netrc } from "./netrc.ts";
import type { Target } from "./target.ts";

/** kubectl has no option for the hint, so the whole entry is shown. */
const kubectl: Target = {
  key: "user",
  normal: nameKey,
  paste: ({ key, name, bin }) => `In your kubeconfig:
users:
- name: ${key}
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ${bin}
      args: [credential, kubectl, ${name}]
      interactiveMode: IfAvailable
      provideClusterInfo: true
      installHint: "coatcheck is not installed: npm install -g coatcheck"
If ~/.kube/kuberc allows only listed plugins (credentialPluginPolicy: Allowlist), add to its credentialPluginAllowlist:
- command: ${bin}  # with kubectl 1.35 "name:"`,
};

/** pip and uv run `keyring get URL USER`; the index sees who asks by the token alone. */
const pip: Target = {
  key: "host",
  normal: hostKey,
  pastedOnce: true,
  link: () => "keyring",
  paste: ({ key, link }) => `${link} answers pip and uv, only for the hosts that are set up here.
The index's address needs a user name: https://oauth2accesstoken@${key}/simple/ (some indexes need __token__)
pip:  pip config set global.keyring-provider subprocess
uv:   UV_KEYRING_PROVIDER=subprocess`,
};

/** pnpm gives its helper no argument: the link's name says the login. */
const pnpm: Target = {
  key: "host",
  normal: pathKey,
  link: (name) => {
    if (!/^[\w.-]+$/.test(name)) throw usage(`"${name}" cannot be part of a file name: give the login another name`);
    return `coatcheck-token-${name}`;
  },
  paste: ({ key, link }) => `In ~/.npmrc (pnpm ignores this line in a project's .npmrc):
//${key}/:tokenHelper=${link}`,
};

/** Every program that can be told to ask us. */
export const TARGETS: Readonly<Record<string, Target>> = {
  git,
  docker,
  kubectl,
  aws: {
    key: "profile",
    normal: nameKey,
    paste: ({ key, name, bin }) => `In ~/.aws/config:
[profile ${key}]
credential_process = ${/[^\w./-]/.test(bin) ? `"${bin}"` : bin} credential aws ${name} --role ARN`,
  },
  cargo: {
    key: "registry",
    normal: cargoKey,
    paste: ({ key, bin }) => `In ~/.cargo/config.toml:
[registries.${key}]
credential-provider = ["${bin}"]`,
  },
  bazel: {
    key: "host",
    normal: hostKey,
    link: () => "credential-helper-coatcheck",
    paste: ({ key }) => `In .bazelrc:
common --credential_helper=${key}=credential-helper-coatcheck`,
  },
  terraform: {
    key: "host",
    normal: hostKey,
    pastedOnce: true,
    link: () => "terraform-credentials-coatcheck",
    folder: ".terraform.d/plugins",
    paste: () => `In ~/.terraformrc:
credentials_helper "coatcheck" { args = [] }`,
  },
  go: {
    key: "host",
    normal: hostKey,
    pastedOnce: true,
    paste: ({ bin }) => `go env -w GOAUTH="${bin} credential go"`,
  },
  google: {
    key: "audience",
    normal: nameKey,
    paste: ({ name, bin }) => `In the external account file:
"credential_source": {"executable": {"command": "${bin} credential google ${name}", "timeout_millis": 10000}}
In the environment, GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1`,
  },
  netrc,
  pip,
  pnpm,
  npm: {
    key: "host",
    normal: pathKey,
    paste: ({ key, name }) => `In ~/.npmrc:
//${key}/:_authToken=\${NPM_TOKEN}
Then run: coatcheck exec ${name} --env NPM_TOKEN -- npm install`,
  },
};
