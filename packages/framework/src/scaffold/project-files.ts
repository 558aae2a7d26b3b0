import { specJsonSchema, type SpecKind } from "@lava/spec";
import { sha256 } from "../build/fingerprints.ts";
import { FRAMEWORK_RELEASE, FRAMEWORK_VERSION } from "../version.ts";
import { ETC_MAKEFILE, MAKEFILE, MAKEFILE_LOCAL } from "./makefile.ts";
import {
  BLACK_SETTINGS,
  FLAKE8_SETTINGS,
  pythonRequirementsFile,
  YAMLLINT_SETTINGS,
} from "./python-files.ts";
import type { ScaffoldAnswers } from "./questions.ts";
import type { ScaffoldFile } from "./scaffold-file.ts";

/** Spec folders, the kind of spec in each, and an example of its file pattern for editors. */
const SCHEMAS: readonly (readonly [string, SpecKind])[] = [
  ["lava-connections", "connection"],
  ["lava-jobs", "job"],
  ["lava-triggers", "s3trigger"],
  ["lava-rules", "rule"],
];

/** Where a project keeps what it was scaffolded with, for the merge of `lava update` (FW-294). */
export const SCAFFOLD_RECORD = "etc/scaffold.json";

/** Files up to this size are kept as they were; of others their hash is enough to see whether they were edited. */
const KEPT_SIZE = 16_384;

/** Every file of a new project. */
export function projectFiles(answers: ScaffoldAnswers): ScaffoldFile[] {
  const files = ownFiles(answers);
  const kept = files.map(({ path, content }) => {
    const hash = sha256(content);
    return [path, content.length > KEPT_SIZE ? { sha256: hash } : { sha256: hash, content }];
  });
  const record = { version: FRAMEWORK_VERSION, files: Object.fromEntries(kept) };
  const content = `${JSON.stringify(record, null, 1)}\n`;
  return [...files, { path: SCAFFOLD_RECORD, content, executable: false }];
}

function ownFiles(answers: ScaffoldAnswers): ScaffoldFile[] {
  const value = (key: string): string => answers[key] ?? "";
  const environment = value("environment");
  const plain = (path: string, content: string): ScaffoldFile => ({
    path,
    content,
    executable: false,
  });
  const program = (path: string, content: string): ScaffoldFile => ({
    path,
    content,
    executable: true,
  });
  return [
    plain(".config.json", `${JSON.stringify({ cookiecutter: answers }, null, 2)}\n`),
    plain(".flake8", FLAKE8_SETTINGS),
    plain(".gitignore", GITIGNORE),
    plain(".vscode/settings.json", editorSettings()),
    plain(".yamllint.yaml", YAMLLINT_SETTINGS),
    plain("Makefile", MAKEFILE),
    plain("etc/Makefile", ETC_MAKEFILE),
    plain("README.md", readme(answers)),
    plain("doc/README.md", DOC_README),
    plain(`config/${environment}.yaml`, configFile(answers)),
    ...(value("git_setup") === "yes"
      ? [program("etc/git-hooks/pre-commit", hookText(value("config_checks")))]
      : []),
    plain("etc/requirements.txt", pythonRequirementsFile(answers)),
    plain("etc/version", `${FRAMEWORK_VERSION} (${FRAMEWORK_RELEASE})\n`),
    ...SCHEMAS.map(([, kind]) =>
      plain(`etc/schema/${kind}.schema.json`, `${JSON.stringify(specJsonSchema(kind), null, 2)}\n`),
    ),
    plain("lava-connections/README.md", folderReadme("Connections", "connection records")),
    plain("lava-jobs/README.md", folderReadme("Jobs", "job specs")),
    plain("lava-jobs/hello.yaml", HELLO_JOB),
    plain("lava-payloads/README.md", PAYLOADS_README),
    program("lava-payloads/hello.sh", HELLO_PAYLOAD),
    plain(
      "lava-rules/README.md",
      folderReadme("Rules", "EventBridge rules, named `lava.<realm>.*`"),
    ),
    program("lib/dag.py", DAG_PROGRAM),
    plain("misc/README.md", MISC_README),
    plain("misc/Makefile.local.sample", MAKEFILE_LOCAL),
    plain("pyproject.toml", BLACK_SETTINGS),
    plain("lava-triggers/README.md", folderReadme("Triggers", "what a new object in S3 starts")),
  ];
}

/** The first line of a spec: what editors complete and check it by. */
function schemaLine(kind: SpecKind): string {
  return `# yaml-language-server: $schema=../etc/schema/${kind}.schema.json\n`;
}

const HELLO_JOB = `${schemaLine("job")}# Marks with angle brackets are filled in when the project is built, double braces when the job runs.
job_id: <{ prefix.job }>/hello
description: Says hello
owner: <{ owner }>
enabled: true
worker: <{ worker.main }>
type: exe
payload: <{ prefix.payload }>/hello.sh
parameters:
  args: ["<{ env }>", "{{ start.strftime('%H:%M') }}"]
  timeout: 1m
`;

const HELLO_PAYLOAD = `#!/bin/sh
echo "Hello from $LAVA_JOB_ID in environment $1, started at $2"
`;

const GITIGNORE = `dist/
.lava-dev/
node_modules/
venv*/
untracked/
*.zip
*.tar.bz2
*.rpm
*.bkp
__pycache__/
*.py[cod]
*.egg-info/
.*.sw?
.env
.idea/
`;

const DOC_README = `# Documents

What people should know of this project: diagrams, decisions, how to run it. Nothing here is built or deployed.
`;

/** Under its old name for scripts that call it (FW-017). */
const DAG_PROGRAM = `#!/usr/bin/env python3
"""The generator of dag payloads: what \`lava dag-gen\` does, with its options."""

import os
import sys

own = 'node_modules/.bin/lava'
lava = own if os.access(own, os.X_OK) else 'lava'
os.execvp(lava, [lava, 'dag-gen', *sys.argv[1:]])
`;

const PAYLOADS_README = `# Payloads

\`x.sh\`, \`x.py\`, \`x.js\`, \`x.mjs\` are copied; \`x.ipynb\` becomes \`x.py\`, \`x.docker/\` an image; \`x.sql\` is rendered; \`x.pkg/\` becomes \`x.zip\`; files of
\`x.rsc/\` are rendered and of \`x.raw/\` copied. A job names them as \`<{ prefix.payload }>/x.sh\`.
`;

const MISC_README = `# Miscellaneous

What belongs to the project and is no component of it. \`x.sql\` here is rendered to \`dist/ENV/misc/x.sql\`; nothing is
deployed. \`Makefile.local\` (see \`Makefile.local.sample\`) and the executables \`hooks/dist\`, \`pre-install\`, \`install\`,
\`uninstall\`, \`clean\` and \`diff\` run with the operations of these names, with \`env\`, \`REALM\`, \`DIST\`, \`CONFIG\` and
\`REALM_INFO\` set.
`;

function folderReadme(title: string, what: string): string {
  return `# ${title}

Here are ${what}, one a file, \`.yaml\` or \`.json\`, in any depth. A path with a part that starts with \`_\` is only
there to be included. \`<{ value }>\`, \`<% statement %>\` and \`<# comment #>\` are filled in by the build; \`{{ }}\` is
left for the worker.
`;
}

/** YAML text in double quotes, which JSON's are. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function configFile(answers: ScaffoldAnswers): string {
  const value = (key: string): string => quoted(answers[key] ?? "");
  return `# Everything that differs between environments; each key is a name in templates, <{ prefix.job }>.
realm: ${value("realm")}
description: ${value("description")}
owner: ${value("owner")}

prefix:
  job: ${value("job_prefix")}
  payload: ${value("payload_prefix")}
  s3trigger: ${value("s3trigger_prefix")}
  docker_repo: ${value("docker_prefix")}
  rule: ${value("rule_prefix")}

docker:
  base_img: ghcr.io/jin-gizmo/lava/amzn2023/base
  platform: ${value("docker_platform")}

worker:
  main: core

# "--" stands for none.
dispatcher:
  main: --
  none: --

schedule:
  main: --

# Any other key is a name of your own, <{ myvar }>.
myvar: stuff
`;
}

/** The hook that checks a project before each commit. */
export function hookText(checks: string): string {
  return `#!/bin/sh
# Refuses a commit of a project that does not check${checks === "strict" ? ", warnings included" : ""}.
lava=node_modules/.bin/lava
[ -x "$lava" ] || lava=lava
exec "$lava" check${checks === "strict" ? " --strict" : ""}
`;
}

function editorSettings(): string {
  const schemas = Object.fromEntries(
    SCHEMAS.map(([folder, kind]) => [`./etc/schema/${kind}.schema.json`, [`${folder}/**/*.yaml`]]),
  );
  return `${JSON.stringify({ "yaml.schemas": schemas }, null, 2)}\n`;
}

function readme(answers: ScaffoldAnswers): string {
  const environment = answers["environment"] ?? "";
  const job = `${answers["job_prefix"] ?? ""}/hello`;
  return `# ${answers["project_name"] ?? ""}

${answers["description"] ?? ""}

\`\`\`sh
lava init                                # git with a hook that checks each commit; Python packages, if any
lava check                               # every environment
lava run ${job} --local --env ${environment}
lava dev up                              # the whole realm on this machine
lava plan --env ${environment}                       # what would change
lava deploy --env ${environment}
\`\`\`

| folder | what is there |
| --- | --- |
| \`config/\` | one file for each environment |
| \`lava-connections/\`, \`lava-jobs/\`, \`lava-triggers/\`, \`lava-rules/\` | specs |
| \`lava-payloads/\` | what jobs run |
| \`misc/\` | the project's own steps of a build and a deployment |
| \`etc/\` | editor schemas, git hook (\`lava hook install\`), Python packages of the project, what it was made with |
| \`doc/\`, \`lib/\` | documents; programs for scripts of the project |
`;
}
