import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { type DataMap, LavaError } from "@lava/core";
import type { PackOptions } from "@lava/framework";
import { collect } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printLine } from "../output.ts";
import { printFindings } from "../project-access.ts";
import { reportError } from "../report-error.ts";
import { sqlOfEnvironment } from "../sql-lookup.ts";
import { notebookTemplate } from "./notebook-template.ts";
import { pairOf, readMap } from "./read-data.ts";

interface NameOptions {
  readonly conf?: readonly string[];
  readonly param?: readonly string[];
  readonly template?: string;
}

/** Helpers that make payloads of folders, without a project around them. */
export const registerPackHelpers: Register = (helper, context) => {
  helper
    .command("lava-pkg")
    .description("zip a folder with the modules it asks for, as a build makes it of x.pkg")
    .argument("<dir>", "the folder")
    .argument("[target]", "a folder, or a name that ends in .zip", ".")
    .option("-c, --conf <file>", "names for templates in env/ (repeatable)", collect)
    .option("-p, --param <name=value>", "a name for templates in env/ (repeatable)", collect)
    .option("--profile <name>", "AWS profile of lava.aws and lava.sql")
    .option("-T, --template <file>", "how notebooks become scripts, as nbconvert's templates say")
    .addHelpText("after", helpExamples(["lava helper lava-pkg my.pkg out/my.zip", ""]))
    .action((dir: string, target: string, options: NameOptions) =>
      orStatus3(context, async (cache) => {
        const { packFolder } = await import("@lava/framework");
        const from = await folderOf(dir, context);
        const { result, warnings } = await packFolder(
          from,
          await packOptions(options, cache, context),
        );
        printFindings(warnings, context);
        const to = resolve(context.cwd, target);
        const file = to.endsWith(".zip") ? to : join(to, `${basename(from)}.zip`);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, result);
      }),
    );
  helper
    .command("lava-rsc")
    .description("copy a folder with each file rendered, as a build makes it of x.rsc")
    .argument("<src>", "the folder")
    .argument("<dest>", "the folder that is made")
    .option("-c, --conf <file>", "names for templates (repeatable)", collect)
    .option("-L, --follow", "follow symlinks, which are skipped otherwise")
    .option("-p, --param <name=value>", "a name for templates (repeatable)", collect)
    .option("--profile <name>", "AWS profile of lava.aws and lava.sql")
    .addHelpText("after", helpExamples(["lava helper lava-rsc -c dev.yaml my.rsc out/my.rsc", ""]))
    .action((src: string, dest: string, options: NameOptions & { readonly follow?: boolean }) =>
      orStatus3(context, async (cache) => {
        const { renderFolder } = await import("@lava/framework");
        const from = await folderOf(src, context);
        const to = resolve(context.cwd, dest);
        if (from === to) {
          throw new LavaError("BAD_OPTIONS", `${src}: source and target are the same`, {
            kind: "usage",
          });
        }
        const { result, warnings } = await renderFolder(from, {
          ...(await packOptions(options, cache, context)),
          links: options.follow === true,
        });
        printFindings(warnings, context);
        await mkdir(to, { recursive: true });
        for (const { path, content } of result) {
          await mkdir(dirname(join(to, path)), { recursive: true });
          await writeFile(join(to, path), content);
        }
      }),
    );
  helper
    .command("lava-docker")
    .description("build an image of a folder, as a build makes it of x.docker; print its id")
    .argument("<dir>", "the folder")
    .argument("[dockerfile]", "in place of the folder's, or of the default one")
    .option("-b, --build-arg <name=value>", "an argument of the build (repeatable)", collect)
    .option("-c, --conf <file>", "names for templates (repeatable)", collect)
    .option("-i, --iidfile <file>", "write the id there")
    .option("-p, --param <name=value>", "a name for templates (repeatable)", collect)
    .option("-T, --template <file>", "how notebooks become scripts, as nbconvert's templates say")
    .option("-P, --platform <platform>", "such as linux/amd64; host leaves it to docker", "host")
    .option("-t, --tag <name>", "name of the image (default: that of the folder)")
    .option("--profile <name>", "AWS profile of lava.aws and lava.sql")
    .addHelpText("after", helpExamples(["lava helper lava-docker -t my/image my.docker", ""]))
    .action((dir: string, dockerfile: string | undefined, options: DockerOptions) =>
      orStatus3(context, (cache) => lavaDocker(dir, dockerfile, options, cache, context)),
    );
};

interface DockerOptions extends NameOptions {
  readonly buildArg?: readonly string[];
  readonly iidfile?: string;
  readonly platform: string;
  readonly tag?: string;
}

async function lavaDocker(
  dir: string,
  dockerfile: string | undefined,
  options: DockerOptions,
  cache: string,
  context: CliContext,
): Promise<void> {
  const [{ imageOfFolder }, { readText }] = await Promise.all([
    import("@lava/framework"),
    import("./read-data.ts"),
  ]);
  const from = await folderOf(dir, context);
  const { result, warnings } = await imageOfFolder(from, {
    ...(await packOptions(options, cache, context)),
    tag: options.tag ?? basename(from).replace(/\.docker$/, ""),
    buildArgs: options.buildArg ?? [],
    platform: options.platform === "host" ? undefined : options.platform,
    dockerfile: dockerfile === undefined ? undefined : await readText(dockerfile, context),
  });
  printFindings(warnings, context);
  if (options.iidfile === undefined) printLine(context.stdout, result);
  else {
    const file = resolve(context.cwd, options.iidfile);
    await writeFile(file, result);
    await chmod(file, 0o644);
  }
}

async function folderOf(name: string, { cwd }: CliContext): Promise<string> {
  const dir = resolve(cwd, name);
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory() === true) return dir;
  throw new LavaError("BAD_FILE", `${name}: not a folder`);
}

async function packOptions(
  { conf = [], param = [], template }: NameOptions,
  cache: string,
  context: CliContext,
): Promise<PackOptions> {
  const { loginName } = await import("@lava/framework");
  const maps: DataMap[] = [];
  for (const file of conf) maps.push(await readMap(file, context));
  maps.push(Object.fromEntries(param.map(pairOf)));
  return {
    host: {
      clock: context.clock,
      environ: context.env,
      user: loginName(),
      sql: sqlOfEnvironment(context),
    },
    params: conf.length + param.length === 0 ? undefined : Object.assign({}, ...maps),
    cache,
    notebook: await notebookTemplate(template, context),
  };
}

/** Any failure but wrong usage has status 3 (CLI-228). */
async function orStatus3(
  context: CliContext,
  work: (cache: string) => Promise<void>,
): Promise<void> {
  const cache = await mkdtemp(join(tmpdir(), "lava-pack-"));
  try {
    await work(cache);
  } catch (error) {
    const isFailure = error instanceof LavaError && error.kind !== "usage";
    if (!isFailure) throw error;
    reportError(error, context, false);
    context.exitStatus = 3;
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}
