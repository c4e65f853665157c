import { docker } from "./docker.ts";
import { git } from "./git.ts";
import { kubectl } from "./kubectl.ts";
import { netrc } from "./netrc.ts";
import { pip, pnpm } from "./packages.ts";
import type { Target } from "./target.ts";

/** Every program that can be told to ask us. */
export const TARGETS: Readonly<Record<string, Target>> = {
  git,
  docker,
  kubectl,
  aws: {
    key: "profile",
    paste: ({ key, name, program }) => `In ~/.aws/config:
[profile ${key}]
credential_process = ${/[^\w./-]/.test(program) ? `"${program}"` : program} credential aws ${name} --role ARN`,
  },
  cargo: {
    key: "registry",
    paste: ({ key, program }) => `In ~/.cargo/config.toml:
[registries.${key}]
credential-provider = ["${program}"]`,
  },
  bazel: {
    key: "host",
    link: () => "credential-helper-coatcheck",
    paste: ({ key }) => `In .bazelrc:
common --credential_helper=${key}=credential-helper-coatcheck`,
  },
  terraform: {
    key: "host",
    link: () => "terraform-credentials-coatcheck",
    folder: ".terraform.d/plugins",
    paste: () => `In ~/.terraformrc:
credentials_helper "coatcheck" { args = [] }`,
  },
  go: {
    key: "host",
    paste: ({ program }) => `go env -w GOAUTH="${program} credential go"`,
  },
  google: {
    key: "audience",
    paste: ({ name, program }) => `In the external account file:
"credential_source": {"executable": {"command": "${program} credential google ${name}", "timeout_millis": 10000}}
and in the environment GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1`,
  },
  netrc,
  pip,
  pnpm,
  npm: {
    key: "host",
    paste: ({ key, name }) => `In ~/.npmrc:
//${key}/:_authToken=\${NPM_TOKEN}
and then: coatcheck exec ${name} --env NPM_TOKEN -- npm install`,
  },
};
