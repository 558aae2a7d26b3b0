import { DecimalValue, FloatValue } from "@lava/core";
import { expect, test } from "vitest";
import { containerHostname, toContainerSettings } from "./host-config.ts";

const defaults = { working_dir: "/w", user: 5, group: 6, hostname: "h" };
const settings = (given: object) => toContainerSettings(given, defaults);

test("a container has the worker's user and group and the run's folder unless told otherwise (JOB-docker-07)", () => {
  expect(settings({})).toEqual({
    config: { Hostname: "h", User: "5", WorkingDir: "/w" },
    hostConfig: { GroupAdd: ["6"] },
  });
  expect(settings({ user: "me:us", group_add: [] })).toMatchObject({
    config: { User: "me:us" },
    hostConfig: { GroupAdd: [] },
  });
});

test("numbers of tables and of messages are numbers of the API (JOB-docker-14)", () => {
  const { hostConfig } = settings({
    cpu_shares: new DecimalValue("512"),
    nano_cpus: 500_000_000n,
    mem_swappiness: new FloatValue(10),
    device_read_bps: [{ Path: "/dev/sda", Rate: new DecimalValue("1024") }],
    blkio_weight_device: [{ Path: "/dev/sda", Weight: 10 }],
  });

  expect(hostConfig).toMatchObject({
    CpuShares: 512,
    NanoCpus: 500_000_000,
    MemorySwappiness: 10,
    BlkioDeviceReadBps: [{ Path: "/dev/sda", Rate: 1024 }],
    BlkioWeightDevice: [{ Path: "/dev/sda", Weight: 10 }],
  });
});

test.each([
  ["512m", 512 * 1024 ** 2],
  ["1.5g", 1.5 * 1024 ** 3],
  ["64MB", 64 * 1024 ** 2],
  ["2KiB", 2048],
  [100, 100],
  [new DecimalValue("-1"), -1],
])("%s bytes are read as docker reads them", (mem_limit, Memory) => {
  expect(settings({ mem_limit }).hostConfig).toMatchObject({ Memory });
});

test("ports have an address, a port of their own, or any", () => {
  const { config, hostConfig } = settings({
    ports: { "80": 8080, "81/tcp": ["127.0.0.1:1", new DecimalValue("2")], "53/udp": null },
  });

  expect(hostConfig["PortBindings"]).toEqual({
    "80/tcp": [{ HostIp: "", HostPort: "8080" }],
    "81/tcp": [
      { HostIp: "127.0.0.1", HostPort: "1" },
      { HostIp: "", HostPort: "2" },
    ],
    "53/udp": [{ HostIp: "", HostPort: "" }],
  });
  expect(config["ExposedPorts"]).toEqual({ "80/tcp": {}, "81/tcp": {}, "53/udp": {} });
});

test.each([
  [
    { mem_limit: "much" },
    "Bad host_config parameters: mem_limit must be bytes, such as 512m: much",
  ],
  [{ cpu_shares: 1.5 }, "Bad host_config parameters: cpu_shares must be a whole number"],
  [{ ports: [1] }, "Bad host_config parameters: ports must be a map"],
])("%j is refused", (given, message) => {
  expect(() => settings(given)).toThrow(message);
});

test("names of hosts are valid and at most 63 characters, and end in the run (JOB-docker-07)", () => {
  const run_id = "11111111-1111-4111-8111-111111111111";

  expect(containerHostname("dev", "core", run_id)).toBe(`lava-dev-core-${run_id}`);
  const long = containerHostname("production", "a_worker.with.a.long/name", run_id);
  expect(long).toHaveLength(63);
  expect(long).toMatch(/^lava-production-a-worker-[a-z-]*-?11111111-.*$/);
  expect(containerHostname("dev", "core", "x".repeat(100))).toHaveLength(63);
});
