import { type DataMap, errorText, isMap, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printTable } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { selectItems } from "../tables.ts";

interface ConnectionsOptions extends RealmOptions {
  readonly check?: boolean;
  readonly ignoreCase?: boolean;
  readonly json?: boolean;
}

/** What is shown of a connection; nothing of it is secret. */
interface Row {
  readonly conn_id: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly description?: string;
  readonly check?: Check;
}

type Check =
  | {
      readonly ok: true;
      readonly server: string;
      readonly latency_ms: number;
      readonly tls: string | null;
      /** What else the other side told. */
      readonly details: DataMap;
    }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly hint?: string | undefined;
    };

/** `lava connections`. */
export const registerConnections: Register = (program, context) => {
  addRealmOptions(
    program
      .command("connections")
      .description("list the connections of a realm, and test them")
      .argument("[glob...]", "only connections whose id fits a pattern")
      .option("-c, --check", "log in to each: who answers, how fast, with TLS or not")
      .option("-i, --ignore-case", "patterns do not tell upper from lower case")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava connections", "what there is"],
          ["lava connections --check 'app/*'", "status 1 when one of them cannot be reached"],
        ),
      ),
  ).action((globs: string[], options: ConnectionsOptions) => list(globs, options, context));
};

async function list(
  globs: readonly string[],
  options: ConnectionsOptions,
  context: CliContext,
): Promise<void> {
  await withRealm(options, context, async (realm, { env }) => {
    const items = selectItems(await realm.connections.listItems(), "conn_id", globs, {
      ignoreCase: options.ignoreCase,
    });
    const rows: Row[] = [];
    for (const item of items) {
      const row: Row = {
        conn_id: String(item["conn_id"]),
        type: String(item["type"] ?? ""),
        enabled: item["enabled"] === true,
        ...(typeof item["description"] === "string" ? { description: item["description"] } : {}),
      };
      const check =
        options.check === true && row.enabled
          ? { check: await checkOne(realm, row.conn_id, env, context) }
          : {};
      rows.push({ ...row, ...check });
    }
    if (rows.some(({ check }) => check?.ok === false)) context.exitStatus = 1;
    if (options.json === true) {
      printJson(context.stdout, rows);
      return;
    }
    printTable(
      context.stdout,
      [
        { title: "CONNECTION", cell: ({ conn_id }) => conn_id },
        { title: "TYPE", cell: ({ type }) => type },
        { title: "ENABLED", cell: ({ enabled }) => (enabled ? "yes" : "no") },
        options.check === true
          ? { title: "ANSWER", flexible: true, cell: ({ check }) => checkText(check) }
          : { title: "DESCRIPTION", flexible: true, cell: ({ description = "" }) => description },
      ],
      rows,
    );
  });
}

async function checkOne(
  realm: Realm,
  conn_id: string,
  env: CliContext["env"],
  { clock }: CliContext,
): Promise<Check> {
  const { checkConnection } = await import("@lava/connectors");
  const begun = clock.now();
  try {
    const { server, details } = await checkConnection(conn_id, { realm, env });
    const tls = details?.["tls"];
    return {
      ok: true,
      server,
      latency_ms: Math.round(clock.now() - begun),
      tls: typeof tls === "string" ? tls : null,
      details: details ?? {},
    };
  } catch (error) {
    const code = isMap(error) && typeof error["code"] === "string" ? error["code"] : "INTERNAL";
    const hint = error instanceof LavaError ? error.hint : undefined;
    return { ok: false, code, message: realm.redactor.mask(errorText(error)), hint };
  }
}

function checkText(check: Check | undefined): string {
  if (check === undefined) return "not checked";
  if (!check.ok) {
    const { code, message, hint } = check;
    return hint === undefined ? `${code}: ${message}` : `${code}: ${message} (${hint})`;
  }
  const { server, latency_ms, details } = check;
  const safety = protectionOf(details);
  return `${server}, ${latency_ms} ms${safety === undefined ? "" : `, ${safety}`}`;
}

/** How what is said is protected on its way; undefined where the check learned nothing of it. */
function protectionOf({ tls, cipher, encrypted }: DataMap): string | undefined {
  if (typeof tls === "string") return tls;
  if (tls === null) return "no TLS";
  if (typeof cipher === "string") return `encrypted with ${cipher}`;
  if (typeof encrypted === "boolean") return encrypted ? "encrypted" : "not encrypted";
  return undefined;
}
