import { docker } from "./docker.ts";
import { git } from "./git.ts";
import type { Target } from "./target.ts";

/** Every program that can be told to ask us. */
export const TARGETS: Readonly<Record<string, Target>> = {
  git,
  docker,
  kubectl: {
    key: "user",
    paste: ({
      key,
      name,
      program,
    }) => `kubectl config set-credentials ${key} --exec-api-version=client.authentication.k8s.io/v1 \\
  --exec-interactive-mode=IfAvailable --exec-command=${program} \\
  --exec-arg=credential --exec-arg=kubectl --exec-arg=${name}`,
  },
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
credential-provider = ["${program}", "credential", "cargo"]`,
  },
  bazel: {
    key: "host",
    link: "credential-helper-coatcheck",
    paste: ({ key }) => `In .bazelrc:
common --credential_helper=${key}=credential-helper-coatcheck`,
  },
  terraform: {
    key: "host",
    link: "terraform-credentials-coatcheck",
    paste: () => `In ~/.terraformrc (the link belongs into ~/.terraform.d/plugins: give --dir):
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
};
