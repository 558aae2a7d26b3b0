import * as z from "zod";
import { data, dataMap, flag, textOrList } from "../scalars.ts";

const count = z.int();
const bytes = z.union([z.int(), z.string()], {
  error: "expected bytes: a number, or text like 2g",
});
const devices = z.array(dataMap);
const names = z.array(z.string());

/** What may be set on the container of a docker job (JOB-docker-06). */
export const hostConfig = z
  .strictObject({
    blkio_weight: count.describe("Block IO weight, 10 to 1000."),
    blkio_weight_device: devices.describe("Block IO weight of devices: list of {Path, Weight}."),
    cap_add: names.describe("Kernel capabilities to add."),
    cap_drop: names.describe("Kernel capabilities to drop."),
    cpu_count: count.describe("Usable CPUs (Windows)."),
    cpu_percent: count.describe("Usable share of the CPUs (Windows)."),
    cpu_period: count.describe("Length of a CPU period, microseconds."),
    cpu_quota: count.describe("CPU time in a period, microseconds."),
    cpu_shares: count.describe("Relative CPU weight."),
    cpuset_cpus: z.string().describe("CPUs that may be used: 0-3 or 0,1."),
    cpuset_mems: z.string().describe("Memory nodes that may be used."),
    device_read_bps: devices.describe("Limits of bytes read a second: list of {Path, Rate}."),
    device_read_iops: devices.describe("Limits of reads a second: list of {Path, Rate}."),
    device_write_bps: devices.describe("Limits of bytes written a second: list of {Path, Rate}."),
    device_write_iops: devices.describe("Limits of writes a second: list of {Path, Rate}."),
    dns: names.describe("DNS servers."),
    dns_opt: names.describe("DNS options."),
    dns_search: names.describe("DNS search domains."),
    domainname: textOrList.describe("Domain name of the container."),
    extra_hosts: z.record(z.string(), z.string()).describe("Host name to address."),
    group_add: z
      .array(z.union([z.string(), z.int()]))
      .describe("More groups of the process. Default: the worker's."),
    hostname: z.string().describe("Host name. Default: made of realm, worker and run."),
    mem_limit: bytes.describe("Memory limit."),
    mem_swappiness: count.describe("Readiness to swap, 0 to 100."),
    memswap_limit: bytes.describe("Limit of memory and swap; -1 for none."),
    nano_cpus: count.describe("CPU quota in units of 1e-9 CPUs."),
    network_disabled: flag.describe("Whether there is no network."),
    network_mode: z.string().describe("bridge, none, host or container:<name>."),
    ports: z.record(z.string(), data).describe("Published ports: container port to host port."),
    publish_all_ports: flag.describe("Whether all ports are published."),
    shm_size: bytes.describe("Size of /dev/shm."),
    user: z.union([z.string(), z.int()]).describe("User of the process. Default: the worker's."),
    working_dir: z.string().describe("Working directory. Default: the run's directory."),
  })
  .partial()
  .default({})
  .describe("Limits and other settings of the container.");
