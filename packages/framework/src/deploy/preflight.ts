import { errorText, type Issue, LavaError } from "@lava/core";
import { isAccessDenied, type Realm } from "@lava/realm";
import { dockerUnavailable } from "../build/docker/docker-build.ts";
import { runTool } from "../build/tools/run-tool.ts";
import type { ProjectHost } from "../project.ts";
import { registryLogin } from "./images/registry.ts";
import { parseRuleId } from "./rule-item.ts";
import { ITEM_KINDS } from "./tables.ts";
import type { Plan } from "./types.ts";

/** Object and record that are tried; neither is there afterwards (FW-238, FW-239). */
const PROBE = "__fwk__/check";

/**
 * Looks whether a plan can be carried out before anything is changed (FW-238 to FW-241): the payload area and the
 * tables that it writes to can be written, the event buses of its rules exist, and with images there are a registry
 * and a docker engine. All faults together.
 *
 * @param environ Of docker
 * @throws {LavaError} PREFLIGHT_FAILED
 */
export async function preflight(
  plan: Plan,
  realm: Realm,
  environ: ProjectHost["environ"] = {},
): Promise<void> {
  const probes = [
    probePayloads(plan, realm),
    probeImages(plan, realm, environ),
    ...ITEM_KINDS.map((kind) =>
      kind === "rule" ? probeBuses(plan, realm) : probeTable(kind, plan, realm),
    ),
  ];
  const issues = (await Promise.all(probes)).flat();
  if (issues.length === 0) return;
  throw new LavaError(
    "PREFLIGHT_FAILED",
    `Environment ${plan.env} cannot be deployed to realm ${plan.realm}; nothing was changed`,
    {
      issues,
      hint: "Ask for the rights that are missing, or whoever keeps the realm to make what is.",
    },
  );
}

/** The record of a deployment is written there even when no payload is. */
async function probePayloads(plan: Plan, realm: Realm): Promise<Issue[]> {
  try {
    await realm.payloads.put(PROBE, plan.prefix);
    await realm.payloads.delete([PROBE]);
    return [];
  } catch (error) {
    return [
      fault("payloads_not_writable", `Cannot write to payloads area: ${plan.payloadArea}`, error),
    ];
  }
}

/** A delete on the condition that the record is there, which it is not, tells whether a table may be written. */
async function probeTable(
  kind: "connection" | "job" | "s3trigger",
  plan: Plan,
  realm: Realm,
): Promise<Issue[]> {
  if (plan.items.every((item) => item.kind !== kind)) return [];
  const table = { connection: realm.connections, job: realm.jobs, s3trigger: realm.s3triggers }[
    kind
  ];
  try {
    await table.delete(PROBE, { expected: { [table.key]: PROBE } });
    return [];
  } catch (error) {
    if (error instanceof LavaError && error.code === "RECORD_CHANGED") return [];
    return [fault("table_not_writable", `Cannot write to table ${table.table}`, error)];
  }
}

/** Images are pushed, or pulled to be `latest` again, by docker. */
async function probeImages(
  { images = [] }: Plan,
  realm: Realm,
  environ: ProjectHost["environ"],
): Promise<Issue[]> {
  if (images.every(({ action }) => action === "delete")) return [];
  const issues: Issue[] = [];
  try {
    await registryLogin(realm);
  } catch (error) {
    issues.push(fault("no_registry", "Cannot login to the registry for images", error));
  }
  // An earlier image is in the registry already.
  if (images.every(({ id }) => id === undefined)) return issues;
  const { status, output } = await runTool({
    program: "docker",
    args: ["version", "--format", "{{.Server.Version}}"],
    cwd: "/",
    env: environ,
  });
  if (status !== 0) {
    const { message } = dockerUnavailable(output);
    issues.push({ path: [], code: "no_docker", message: `Images cannot be pushed: ${message}` });
  }
  return issues;
}

async function probeBuses(plan: Plan, realm: Realm): Promise<Issue[]> {
  const puts = plan.items.filter(({ kind, action }) => kind === "rule" && action !== "delete");
  const buses = new Set(puts.map(({ id }) => parseRuleId(id).bus));
  const found = [...buses].map(async (bus): Promise<Issue[]> => {
    try {
      if (await realm.rules.hasBus(bus)) return [];
      return [{ path: [], code: "no_event_bus", message: `There is no event bus ${bus}` }];
    } catch (error) {
      // Rights to see a bus are not needed to put rules on it.
      const cause = error instanceof LavaError ? error.cause : error;
      return isAccessDenied(cause)
        ? []
        : [fault("no_event_bus", `Cannot look at event bus ${bus}`, error)];
    }
  });
  return (await Promise.all(found)).flat();
}

function fault(code: string, what: string, error: unknown): Issue {
  return { path: [], code, message: `${what}: ${errorText(error)}` };
}
