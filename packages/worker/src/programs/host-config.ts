import { pythonText } from "@lava/connectors";
import { type Data, DecimalValue, FloatValue, isMap, LavaError } from "@lava/core";
import type { JobParameters } from "@lava/spec";

/** `host_config` of a docker job. */
export type HostConfig = JobParameters<"docker">["host_config"];

/** What a container is given where `host_config` says nothing (JOB-docker-07). */
export interface HostDefaults {
  readonly working_dir: string;
  readonly user: number;
  readonly group: number;
  readonly hostname: string;
}

/** Members of the docker API's container configuration and of its HostConfig. */
export interface ContainerSettings {
  readonly config: Readonly<Record<string, unknown>>;
  readonly hostConfig: Readonly<Record<string, unknown>>;
}

type Convert = (value: Data, key: string) => unknown;

const same: Convert = plain;
const text: Convert = (value) => pythonText(value);
const first: Convert = (value) => pythonText(Array.isArray(value) ? (value[0] ?? "") : value);
const texts: Convert = (value) =>
  Array.isArray(value) ? value.map((item: Data) => pythonText(item)) : [pythonText(value)];

/** Members of HostConfig by key of `host_config`, and how their values are converted (JOB-docker-06). */
const HOST = {
  blkio_weight: ["BlkioWeight", integer],
  blkio_weight_device: ["BlkioWeightDevice", same],
  cap_add: ["CapAdd", texts],
  cap_drop: ["CapDrop", texts],
  cpu_count: ["CpuCount", integer],
  cpu_percent: ["CpuPercent", integer],
  cpu_period: ["CpuPeriod", integer],
  cpu_quota: ["CpuQuota", integer],
  cpu_shares: ["CpuShares", integer],
  cpuset_cpus: ["CpusetCpus", text],
  cpuset_mems: ["CpusetMems", text],
  device_read_bps: ["BlkioDeviceReadBps", same],
  device_read_iops: ["BlkioDeviceReadIOps", same],
  device_write_bps: ["BlkioDeviceWriteBps", same],
  device_write_iops: ["BlkioDeviceWriteIOps", same],
  dns: ["Dns", texts],
  dns_opt: ["DnsOptions", texts],
  dns_search: ["DnsSearch", texts],
  extra_hosts: ["ExtraHosts", hosts],
  group_add: ["GroupAdd", texts],
  mem_limit: ["Memory", bytes],
  mem_swappiness: ["MemorySwappiness", integer],
  memswap_limit: ["MemorySwap", bytes],
  nano_cpus: ["NanoCpus", integer],
  network_mode: ["NetworkMode", text],
  ports: ["PortBindings", portBindings],
  publish_all_ports: ["PublishAllPorts", same],
  shm_size: ["ShmSize", bytes],
} as const satisfies Readonly<Record<string, readonly [string, Convert]>>;

/** Members of the container itself. */
const CONTAINER = {
  domainname: ["Domainname", first],
  hostname: ["Hostname", text],
  network_disabled: ["NetworkDisabled", same],
  user: ["User", text],
  working_dir: ["WorkingDir", text],
} as const satisfies Readonly<Record<string, readonly [string, Convert]>>;

/**
 * The settings of a container in the words of docker's API. Numbers may be of any kind that a table gives
 * (JOB-docker-14); bytes may be written as docker does: `512m`, `2g`, powers of 1024.
 *
 * @throws {LavaError} BAD_HOST_CONFIG
 */
export function toContainerSettings(given: HostConfig, defaults: HostDefaults): ContainerSettings {
  const values: Readonly<Record<string, Data>> = {
    working_dir: defaults.working_dir,
    user: defaults.user,
    group_add: [defaults.group],
    hostname: defaults.hostname,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const config = convert(values, CONTAINER);
  const ports = values["ports"];
  return {
    config:
      ports === undefined ? config : { ...config, ExposedPorts: exposed(portBindings(ports)) },
    hostConfig: convert(values, HOST),
  };
}

function convert(
  values: Readonly<Record<string, Data>>,
  table: Readonly<Record<string, readonly [string, Convert]>>,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, [name, to]] of Object.entries(table)) {
    const value = values[key];
    if (value !== undefined && value !== null) result[name] = to(value, key);
  }
  return result;
}

/** Names of hosts end at 63 characters and have letters, digits and hyphens (JOB-docker-07). */
export function containerHostname(realm: string, worker: string, run_id: string): string {
  const clean = (part: string): string => part.replace(/[^A-Za-z0-9-]+/g, "-");
  const end = `-${clean(run_id)}`.slice(-63);
  const start = clean(`lava-${realm}-${worker}`).slice(0, Math.max(0, 63 - end.length));
  return `${start}${end}`.slice(0, 63).replace(/^-+|-+$/g, "");
}

function integer(value: Data, key: string): number {
  const number = Number(plain(value));
  if (Number.isInteger(number)) return number;
  throw bad(`${key} must be a whole number`);
}

const UNITS = ["b", "k", "m", "g", "t", "p"];

function bytes(value: Data, key: string): number {
  const written = pythonText(value).trim().toLowerCase();
  const match = /^(-?\d+(?:\.\d+)?)([bkmgtp]?)(?:i?b)?$/.exec(written);
  if (match === null) throw bad(`${key} must be bytes, such as 512m: ${written}`);
  return Math.trunc(Number(match[1]) * 1024 ** Math.max(0, UNITS.indexOf(match[2] ?? "")));
}

function hosts(value: Data): unknown {
  if (!isMap(value)) return texts(value, "extra_hosts");
  return Object.entries(value).map(([name, address]) => `${name}:${String(address)}`);
}

interface Binding {
  readonly HostIp: string;
  readonly HostPort: string;
}

/** `{"80": 8080, "53/udp": [1053, "127.0.0.1:1054"], "90": null}`; null takes any free port. */
function portBindings(value: Data): Readonly<Record<string, readonly Binding[]>> {
  if (!isMap(value)) throw bad("ports must be a map");
  return Object.fromEntries(
    Object.entries(value).map(([port, bound]) => [
      port.includes("/") ? port : `${port}/tcp`,
      (Array.isArray(bound) ? bound : [bound]).map((item: unknown) => toBinding(item)),
    ]),
  );
}

function toBinding(item: unknown): Binding {
  if (item === null) return { HostIp: "", HostPort: "" };
  const written = item instanceof DecimalValue ? item.text : String(item);
  const colon = written.lastIndexOf(":");
  return { HostIp: written.slice(0, Math.max(0, colon)), HostPort: written.slice(colon + 1) };
}

function exposed(bindings: Readonly<Record<string, unknown>>): Record<string, object> {
  return Object.fromEntries(Object.keys(bindings).map((port) => [port, {}]));
}

/** Values of tables as JSON has them. */
function plain(value: unknown): unknown {
  if (value instanceof DecimalValue) return Number(value.text);
  if (value instanceof FloatValue) return value.value;
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function bad(text: string): LavaError {
  return new LavaError("BAD_HOST_CONFIG", `Bad host_config parameters: ${text}`, {
    retry: "never",
  });
}
