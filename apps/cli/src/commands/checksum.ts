import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DataMap, LavaError } from "@lava/core";
import { printChecksums, type ChecksumLine, type ChecksumFormat } from "../checksum-lines.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson } from "../output.ts";
import { addRealmOptions, type RealmOptions } from "../realm-access.ts";
import { selectItems, withTable, type NamedTable } from "../tables.ts";

interface ChecksumOptions extends RealmOptions {
  readonly table: string;
  readonly format?: ChecksumFormat;
  readonly hashAlgorithm: string;
  readonly ignoreCase?: boolean;
  readonly verbose?: number;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly exitCode?: boolean;
  readonly json?: boolean;
}

const FORMATS = ["txt", "tty", "html", "md"] as const;

/** `lava checksum check|add|update`. */
export const registerChecksum: Register = (program, context) => {
  const command = addRealmOptions(
    program
      .command("checksum")
      .description("check, add and update the checksums of entries (x-lava-chk)")
      .option(
        "-f, --format <format>",
        `${FORMATS.join(", ")} (default: tty on a terminal, else txt)`,
      )
      .option("--hash-algorithm <name>", "algorithm of new checksums", "sha256")
      .option("-i, --ignore-case", "patterns do not tell upper from lower case")
      .option(
        "-t, --table <name>",
        "jobs, connections, s3triggers, realms, or the beginning of one",
        "jobs",
      )
      .option(
        "-v, --verbose",
        "warnings too; twice: everything",
        (_: string, before: number) => before + 1,
        0,
      )
      .option("--exit-code", "status 3 when something is wrong (check)")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava checksum -r uat check", "entries that were changed by hand"],
          ["lava checksum -t conn update -d 'app/*'", "what would be updated"],
        ),
      ),
  );
  const add = (action: "check" | "add" | "update", description: string): void => {
    const sub = command
      .command(action)
      .description(description)
      .argument("[glob...]", "only ids that fit");
    if (action !== "check") sub.option("-d, --dry-run", "change nothing");
    if (action === "update")
      sub.option("-f, --force", "also those that are good but of another algorithm");
    sub.action((globs: string[], own: Partial<ChecksumOptions>) =>
      checksum(
        action,
        globs,
        {
          ...command.opts<ChecksumOptions>(),
          ...own,
          format: command.opts<ChecksumOptions>().format,
        },
        context,
      ),
    );
  };
  add("check", "compare checksums with what they were made of");
  add("add", "make checksums where there are none");
  add("update", "make those anew that do not fit");
};

type Judge = (item: DataMap) => {
  readonly line: Omit<ChecksumLine, "id">;
  readonly after?: DataMap;
};

async function checksum(
  action: "check" | "add" | "update",
  globs: readonly string[],
  options: ChecksumOptions & { readonly format: ChecksumFormat | undefined },
  context: CliContext,
): Promise<void> {
  const { CHECKSUM_FIELD, checksumState, HASH_ALGORITHMS, makeChecksum } =
    await import("@lava/framework");
  const { hashAlgorithm, format } = options;
  if (!HASH_ALGORITHMS.includes(hashAlgorithm)) {
    throw usage(`--hash-algorithm: ${hashAlgorithm} is none of ${HASH_ALGORITHMS.join(", ")}`);
  }
  if (format !== undefined && !FORMATS.includes(format))
    throw usage(`--format: ${format} is none of ${FORMATS.join(", ")}`);
  const made = (item: DataMap): DataMap => ({
    ...item,
    [CHECKSUM_FIELD]: makeChecksum(item, hashAlgorithm, "LC"),
  });
  const would = options.dryRun === true ? "would be " : "";
  const judges: Record<typeof action, Judge> = {
    check(item) {
      const { state, message } = checksumState(item);
      const severity = state === "ok" ? "INFO" : state === "none" ? "WARNING" : "ERROR";
      return { line: { severity, text: message } };
    },
    add(item) {
      if (checksumState(item).state !== "none")
        return { line: { severity: "INFO", text: "Has existing checksum" } };
      return { line: { severity: "NOTICE", text: `Checksum ${would}added` }, after: made(item) };
    },
    update(item) {
      const { state, algorithm } = checksumState(item);
      if (state === "none") return { line: { severity: "INFO", text: "No checksum" } };
      if (state === "ok" && algorithm === hashAlgorithm)
        return { line: { severity: "INFO", text: "Checksum OK" } };
      if (state === "ok" && options.force !== true) {
        return { line: { severity: "INFO", text: "Checksum different but OK" } };
      }
      return { line: { severity: "NOTICE", text: `Checksum ${would}updated` }, after: made(item) };
    },
  };
  await withTable(options, context, async (table) => {
    const { ignoreCase } = options;
    const items = selectItems(await table.listItems(), table.key, globs, { ignoreCase });
    const judged = items.map((item) => ({ item, ...judges[action](item) }));
    const lines = judged.map(({ item, line }): ChecksumLine => ({
      id: String(item[table.key]),
      ...line,
    }));
    const changes = judged.flatMap(({ item, after }) =>
      after === undefined ? [] : [{ item, after }],
    );
    if (options.dryRun !== true && changes.length > 0) {
      await keep(
        table,
        changes.map(({ item }) => item),
        context,
      );
      for (const { item, after } of changes) await table.put(after, { expected: item });
    }
    lines.sort((a, b) => (a.id < b.id ? -1 : 1));
    if (options.json === true) printJson(context.stdout, lines);
    else
      printChecksums(lines, { table: table.key, format, verbose: options.verbose ?? 0 }, context);
    if (options.exitCode === true && lines.some(({ severity }) => severity === "ERROR"))
      context.exitStatus = 3;
  });
}

/** What is about to be changed goes into a zip in the current folder (CLI-062). */
async function keep(
  table: NamedTable,
  items: readonly DataMap[],
  context: CliContext,
): Promise<void> {
  const { dataText, dumpNames, zipFiles } = await import("@lava/framework");
  const time = new Date(context.clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  const names = dumpNames(items.map((item) => String(item[table.key])));
  const files = items.map((item) => ({
    path: `${names.get(String(item[table.key])) ?? ""}.json`,
    content: Buffer.from(dataText(item, "json")),
    mode: 0o644,
  }));
  await writeFile(join(context.cwd, `${table.table}-${time}.zip`), await zipFiles(files));
}

function usage(message: string): LavaError {
  return new LavaError("BAD_OPTIONS", message, { kind: "usage" });
}
