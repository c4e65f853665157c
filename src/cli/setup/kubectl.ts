import type { Target } from "./target.ts";

/** kubectl has no option for the hint, so the whole entry is shown. */
export const kubectl: Target = {
  key: "user",
  paste: ({ key, name, program }) => `In your kubeconfig:
users:
- name: ${key}
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ${program}
      args: [credential, kubectl, ${name}]
      interactiveMode: IfAvailable
      provideClusterInfo: true
      installHint: "coatcheck is not installed: npm install -g coatcheck"
Where ~/.kube/kuberc allows only listed plugins (credentialPluginPolicy: Allowlist), in its credentialPluginAllowlist:
- command: ${program}  # with kubectl 1.35 "name:"`,
};
