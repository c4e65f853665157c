/** Nobody's number elsewhere; distroless images have it as well. */
export const USER = 65532;

/** How the image starts; the Dockerfile says the same, which a test compares. Times are in nanoseconds. */
export const CONFIG = {
  User: `${USER}:${USER}`,
  Env: [
    "HOME=/data",
    "PATH=/usr/bin",
    "COATCHECK_DATA=/data",
    "COATCHECK_LISTEN=0.0.0.0:8200",
    // Where the health check asks: who listens elsewhere, or with TLS, says it here.
    "COATCHECK_ADDR=http://127.0.0.1:8200",
  ],
  Entrypoint: ["/usr/bin/coatcheck"],
  Cmd: ["serve"],
  Volumes: { "/data": {} },
  ExposedPorts: { "8200/tcp": {} },
  StopSignal: "SIGTERM",
  Healthcheck: {
    Test: ["CMD", "/usr/bin/coatcheck", "doctor"],
    Interval: 30e9,
    Timeout: 10e9,
    StartPeriod: 10e9,
  },
};
