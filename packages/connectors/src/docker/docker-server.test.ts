import { expect, test } from "vitest";
import { findDockerServer } from "./docker-server.ts";

test.each([
  [{}, {}, { socketPath: "/var/run/docker.sock" }],
  [{}, { DOCKER_HOST: "unix:///tmp/d.sock" }, { socketPath: "/tmp/d.sock" }],
  [{}, { DOCKER_HOST: "tcp://h:2375" }, { host: "h", port: 2375, tls: false }],
  [
    {},
    { DOCKER_HOST: "tcp://h", DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/c" },
    { host: "h", port: 2376, tls: true, certPath: "/c" },
  ],
  [{ server: "unix:///tmp/d.sock" }, {}, { socketPath: "/tmp/d.sock" }],
  [{ server: "tcp://h:1" }, {}, { host: "h", port: 1, tls: true }],
  [{ server: "tcp://h:1", tls: false }, {}, { host: "h", port: 1, tls: false }],
  [{ server: "https://[::1]:1" }, {}, { host: "::1", port: 1, tls: true }],
])("the daemon of %j with %j (CON-docker-01)", (record, env, server) => {
  expect(findDockerServer("c", record, env)).toEqual(server);
});

test("what is no address is refused with the connection's id", () => {
  expect(() => findDockerServer("c", { server: "ftp://x" }, {})).toThrow(
    "Connection c: Bad server: ftp://x",
  );
});
