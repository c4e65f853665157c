import type { Adapter, AdapterPayload } from "oidc-provider";

/** Unlike the provider's own, it forgets nothing before its time, and a token can be consumed once only. */
export function memoryAdapter(now: () => number) {
  const entries = new Map<string, { payload: AdapterPayload; endsAt: number }>();

  const live = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key);
    return entry && entry.endsAt > now() ? entry.payload : undefined;
  };
  const findBy = (name: string, field: "userCode" | "uid", value: string): AdapterPayload | undefined => {
    for (const [key, { payload }] of entries) {
      if (key.startsWith(`${name}:`) && payload[field] === value) return live(key);
    }
    return undefined;
  };

  return (name: string): Adapter => ({
    async upsert(id, payload, expiresIn) {
      const endsAt = expiresIn ? now() + expiresIn * 1000 : Number.POSITIVE_INFINITY;
      entries.set(`${name}:${id}`, { payload, endsAt });
    },
    find: async (id) => live(`${name}:${id}`),
    findByUserCode: async (userCode) => findBy(name, "userCode", userCode),
    findByUid: async (uid) => findBy(name, "uid", uid),
    async consume(id) {
      const payload = live(`${name}:${id}`);
      if (payload) payload.consumed = Math.floor(now() / 1000);
    },
    async destroy(id) {
      entries.delete(`${name}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) {
        if (payload.grantId === grantId) entries.delete(key);
      }
    },
  });
}
