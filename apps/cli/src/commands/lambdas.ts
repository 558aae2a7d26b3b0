import { relative, resolve } from "node:path";
import { LavaError } from "@lava/core";
import type { AwsClients } from "@lava/realm";
import type { CliContext, Register } from "../command.ts";
import { findProject } from "../dev/dev-folder.ts";
import type { FunctionChange } from "../functions/deploy-functions.ts";
import type { FunctionApi } from "../functions/function-api.ts";
import { OWN_FUNCTIONS, type OwnFunction, selectFunctions } from "../functions/own-functions.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine, printTable } from "../output.ts";
import { findRealm, type RealmTarget } from "../realm-access.ts";
import { EXIT } from "../report-error.ts";

interface BuildOptions {
  readonly out: string;
  readonly bundles?: string;
  readonly json?: boolean;
}

interface DeployOptions {
  readonly env?: string;
  readonly realm?: string;
  readonly dev?: boolean;
  readonly profile?: string;
  readonly code?: string;
  readonly file?: string;
  readonly bundles?: string;
  readonly alias: string;
  readonly rollback?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const BUNDLES = "bundles that were built elsewhere (default: those of this command)";

/** `lava lambdas build|deploy`. */
export const registerLambdas: Register = (program, context) => {
  const lambdas = program
    .command("lambdas")
    .description("the Lambda functions of a realm: their code, and its way into AWS")
    .addHelpText(
      "after",
      helpExamples(
        ["lava lambdas build", "one zip a function into dist/lambda"],
        ["lava lambdas deploy --env prod", "into the functions of the realm of prod"],
        ["lava lambdas deploy --env prod --rollback", "back to the version before"],
      ),
    );
  const names = `functions (default: ${OWN_FUNCTIONS.join(", ")})`;
  lambdas
    .command("build")
    .description("pack each function; the same code gives the same bytes")
    .argument("[function...]", names)
    .option("-o, --out <folder>", "into this folder", "dist/lambda")
    .option("--bundles <folder>", BUNDLES)
    .option("--json", "print JSON")
    .action((wanted: string[], options: BuildOptions) => build(wanted, options, context));
  lambdas
    .command("deploy")
    .description(
      "upload the code, update the functions, publish a version of each and move their alias to it",
    )
    .argument("[function...]", names)
    .option("-e, --env <name>", "environment of this project, and of deploy.yaml")
    .option("-r, --realm <name>", "the realm, where it is not that of the environment")
    .option("--dev", "the dev realm of this project (see lava dev)")
    .option("--profile <name>", "AWS profile")
    .option("--code <s3 place>", "the code bucket and its prefix: s3://BUCKET/PREFIX")
    .option(
      "-f, --file <file>",
      "where the code bucket of the environment is (default: deploy.yaml)",
    )
    .option("--bundles <folder>", BUNDLES)
    .option("--alias <name>", "the alias that is moved", "live")
    .option("--rollback", "move the alias, and what callers without it get, to the version before")
    .option("-n, --dry-run", "only show what would be done")
    .option("--json", "print JSON")
    .action((wanted: string[], options: DeployOptions) => deploy(wanted, options, context));
};

async function build(
  wanted: readonly string[],
  { out, bundles, json }: BuildOptions,
  { cwd, stdout }: CliContext,
): Promise<void> {
  const { buildFunction, bundleFolder, writeFunctions } =
    await import("../functions/build-functions.ts");
  const folder = resolve(cwd, out);
  const from = bundles === undefined ? bundleFolder() : resolve(cwd, bundles);
  const built = await Promise.all(selectFunctions(wanted).map((name) => buildFunction(name, from)));
  await writeFunctions(built, folder);
  const rows = built.map(({ name, file, archive, bundle, sha256 }) => ({
    function: name,
    file: resolve(folder, file),
    bytes: archive.length,
    bundle_bytes: bundle,
    sha256: Buffer.from(sha256, "base64").toString("hex"),
  }));
  if (json) {
    printJson(stdout, rows);
    return;
  }
  printTable(
    stdout,
    [
      { title: "FUNCTION", cell: (row) => row.function },
      { title: "KB", align: "right", cell: (row) => (row.bytes / 1024).toFixed(0) },
      { title: "SHA-256", cell: (row) => row.sha256.slice(0, 16) },
      { title: "FILE", flexible: true, cell: ({ file }) => shortest(file, cwd) },
    ],
    rows,
  );
}

async function deploy(
  wanted: readonly string[],
  options: DeployOptions,
  context: CliContext,
): Promise<void> {
  const { alias, dryRun = false } = options;
  const names = selectFunctions(wanted);
  const target = await realmOf(options, context);
  const [{ createAwsClients }, { functionApi }, { rollBackFunctions }] = await Promise.all([
    import("@lava/realm"),
    import("../functions/function-api.ts"),
    import("../functions/deploy-functions.ts"),
  ]);
  await using clients = createAwsClients(target.settings);
  const lambda = await clients.lambda();
  const api = (name: OwnFunction) =>
    functionApi(`lava-${target.realm}-${name}`, lambda, context.clock);
  const changes =
    options.rollback === true
      ? await rollBackFunctions(names.map(api), { alias, dryRun })
      : await forward(names, options, { clients, api }, context);
  report(changes, options, context);
}

interface Access {
  readonly clients: AwsClients;
  readonly api: (name: OwnFunction) => FunctionApi;
}

async function forward(
  names: readonly OwnFunction[],
  options: DeployOptions,
  { clients, api }: Access,
  context: CliContext,
): Promise<FunctionChange[]> {
  const [{ buildFunction, bundleFolder }, { findCodePlace }, { deployFunctions }] =
    await Promise.all([
      import("../functions/build-functions.ts"),
      import("../functions/code-place.ts"),
      import("../functions/deploy-functions.ts"),
    ]);
  const place = await findCodePlace(options, context);
  if (place.account !== undefined) {
    const { callerIdentity } = await import("@lava/realm");
    const { account } = await callerIdentity(clients);
    if (account !== place.account) {
      throw new LavaError(
        "WRONG_ACCOUNT",
        `These are credentials of account ${account}, and the environment is in ${place.account}`,
        { hint: "Nothing was copied. Give --profile, or other credentials." },
      );
    }
  }
  const { bundles } = options;
  const folder = bundles === undefined ? bundleFolder() : resolve(context.cwd, bundles);
  const built = await Promise.all(names.map((name) => buildFunction(name, folder)));
  const { alias, dryRun = false } = options;
  return await deployFunctions(built, { s3: await clients.s3(), place, alias, dryRun, api });
}

/** The realm that was named, else that of the project's environment. */
async function realmOf(options: DeployOptions, context: CliContext): Promise<RealmTarget> {
  const { env, realm, dev } = options;
  const project = findProject(context.cwd);
  if (env === undefined || realm !== undefined || dev === true || project === undefined) {
    return await findRealm(options, context);
  }
  const { loadEnvironment } = await import("@lava/framework");
  const { openCurrentProject } = await import("../project-access.ts");
  const found = await loadEnvironment(await openCurrentProject(context), env);
  return await findRealm({ ...options, realm: found.realm }, context);
}

function report(
  changes: readonly FunctionChange[],
  { json, dryRun, alias }: DeployOptions,
  context: CliContext,
): void {
  if (changes.some(({ outcome }) => outcome === "missing")) context.exitStatus = EXIT.failure;
  if (json) {
    printJson(context.stdout, { alias, dry_run: dryRun === true, functions: changes });
    return;
  }
  printTable(
    context.stdout,
    [
      { title: "FUNCTION", cell: (row) => row.function },
      { title: "OUTCOME", cell: ({ outcome }) => (dryRun ? plannedText(outcome) : outcome) },
      { title: "VERSION", align: "right", cell: ({ version = "-" }) => version },
      { title: "BEFORE", align: "right", cell: ({ previous = "-" }) => previous },
      { title: "CODE", flexible: true, cell: ({ code = "" }) => code },
    ],
    changes,
  );
  const missing = changes.filter(({ outcome }) => outcome === "missing");
  if (missing.length > 0) {
    printLine(
      context.stderr,
      `${missing.map((one) => one.function).join(", ")}: not there; the realm's stack makes the functions`,
    );
  }
}

function shortest(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith("..") ? file : path;
}

function plannedText(outcome: FunctionChange["outcome"]): string {
  if (outcome === "deployed") return "would be deployed";
  return outcome === "restored" ? "would be restored" : outcome;
}
