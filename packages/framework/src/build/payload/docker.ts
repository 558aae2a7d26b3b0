import { existsSync } from "node:fs";
import { join } from "node:path";
import { LavaError } from "@lava/core";
import { valueAt } from "../../environment.ts";
import { DEFAULT_DOCKERFILE } from "../docker/default-dockerfile.ts";
import { buildImage, tagImage } from "../docker/docker-build.ts";
import { platformTag } from "../docker/platform-tag.ts";
import { sha256 } from "../fingerprints.ts";
import { notebookScript } from "../notebook/notebook-script.ts";
import type { NotebookTemplate } from "../notebook/notebook-template.ts";
import { templateFindings } from "../template-findings.ts";
import type { Finding } from "../types.ts";
import { folderFiles } from "./folder-files.ts";
import type { ImagePart, PayloadBuilder, PayloadContext, PayloadFile } from "./payload-builder.ts";

/** `x.docker/`: image `<prefix.docker_repo>/x`; its id is in `x.dockerimg` (FW-187..200). */
export const docker: PayloadBuilder = {
  kind: "docker",
  suffixes: ["docker"],
  isFolder: true,
  outputSuffix: "dockerimg",
  async build(context) {
    const { config, environ, cache } = context;
    const source = `${context.folder}/${context.name}`;
    const { files, inputs, findings } = folderFiles(
      context,
      (path) => path === "Dockerfile" || (path.startsWith("env/") && !path.endsWith(".swp")),
    );
    const problems: Finding[] = [...findings];
    const used = [...inputs, "@docker", "@environ:PIP_INDEX_URL"];
    const tree = [...files];
    if (!files.some(({ path }) => path === "Dockerfile")) {
      const made = defaultDockerfile(context);
      used.push(...made.inputs);
      problems.push(...made.findings);
      tree.push(...made.files);
    }
    const content = withoutNotebooks(tree, source, problems, context.notebook);
    const platforms = platformsOf(String(valueAt(config, ["docker", "platform"]) ?? "linux/amd64"));
    const isBroken = problems.some(({ severity }) => severity === "error");
    if (context.programs !== "all" || isBroken)
      return { files: [], inputs: used, findings: problems };
    const name = context.name.replace(/\.docker$/, "");
    const repository = `${String(valueAt(config, ["prefix", "docker_repo"]))}/${name}`;
    const baseImage = String(valueAt(config, ["docker", "base_img"]));
    try {
      const build = async (platform: string | undefined, tag: string): Promise<string> =>
        await buildImage({
          repository: `${repository}${tag}`,
          files: content,
          buildArgs: [`BASE_IMG=${baseImage}`],
          platform,
          environ,
          cache,
        });
      const parts: ImagePart[] = [];
      // One after the other: docker itself builds in parallel, and two builds of the same steps would not share them.
      for (const platform of platforms.length > 1 ? platforms : [])
        parts.push({ platform, id: await build(platform, `:${platformTag(platform)}`) });
      const own = parts.find(({ platform }) => platform === OWN_PLATFORM) ?? parts[0];
      // What runs it here, such as a dev realm, knows it by its name alone.
      if (own !== undefined) await tagImage(own.id, repository, environ);
      const image =
        parts.length === 0
          ? { repository, id: await build(platforms[0], "") }
          : { repository, id: `sha256:${sha256(idText(parts))}`, parts };
      const text = parts.length === 0 ? image.id : idText(parts);
      return {
        files: [{ path: `${name}.dockerimg`, content: Buffer.from(text), mode: 0o644 }],
        inputs: used,
        findings: problems,
        image,
      };
    } catch (error) {
      if (!(error instanceof LavaError)) throw error;
      const { message, hint } = error;
      const code = error.code.toLowerCase();
      const text = hint === undefined ? message : `${message}. ${hint}`;
      problems.push({ severity: "error", path: [], code, message: text, file: source });
      return { files: [], inputs: used, findings: problems };
    }
  },
};

/** What containers of this machine run on. */
const OWN_PLATFORM = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;

/** None leaves the choice to the engine: `host` (FW-191 to FW-193). */
function platformsOf(text: string): string[] {
  return text === "host" ? [] : [...new Set(text.split(",").map((platform) => platform.trim()))];
}

/** What `x.dockerimg` has of an image for several platforms. */
function idText(parts: readonly ImagePart[]): string {
  return parts.map(({ platform, id }) => `${platform} ${id}\n`).join("");
}

/** `etc/Dockerfile` of the project, rendered, or ours (FW-188). */
function defaultDockerfile({ root, inputs, renderer, folder }: PayloadContext): {
  files: PayloadFile[];
  inputs: readonly string[];
  findings: readonly Finding[];
} {
  const source = "etc/Dockerfile";
  const file = (text: string): PayloadFile => ({
    path: "Dockerfile",
    content: Buffer.from(text),
    mode: 0o644,
  });
  if (!existsSync(join(root, source))) {
    return { files: [file(DEFAULT_DOCKERFILE)], inputs: [source], findings: [] };
  }
  try {
    const rendered = renderer.render(inputs.text(source) ?? "", {
      source,
      template: source,
      folder,
      isSpec: false,
    });
    return {
      files: [file(`${rendered.text}\n`)],
      inputs: [source, ...rendered.inputs],
      findings: rendered.warnings,
    };
  } catch (error) {
    return { files: [], inputs: [source], findings: templateFindings(error, source) };
  }
}

/** Notebooks are there as scripts only (FW-187). */
function withoutNotebooks(
  files: readonly PayloadFile[],
  source: string,
  findings: Finding[],
  template: NotebookTemplate | undefined,
): PayloadFile[] {
  const names = new Set(files.map(({ path }) => path));
  return files.flatMap((file) => {
    if (!file.path.endsWith(".ipynb")) return [file];
    const path = file.path.replace(/\.ipynb$/, ".py");
    if (names.has(path)) return [];
    const made = notebookScript(
      Buffer.from(file.content).toString("utf8"),
      `${source}/${file.path}`,
      template,
    );
    findings.push(...made.findings);
    return [{ path, content: Buffer.from(made.text), mode: 0o744 }];
  });
}
