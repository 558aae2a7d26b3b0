import { basename } from "node:path";

/** Answers of scaffolding by key; see {@link scaffoldQuestions}. */
export type ScaffoldAnswers = Readonly<Record<string, string>>;

/** One prompt of `lava new` (FW-025). */
export interface ScaffoldQuestion {
  readonly key: string;
  /** What to ask. */
  readonly prompt: string;
  /** The value when nothing is entered; may depend on earlier answers. */
  readonly default: (answers: ScaffoldAnswers) => string;
  /** Allowed values; the first one is the default. */
  readonly choices?: readonly string[];
  readonly required: boolean;
  /** What is wrong with a value; undefined when it will do. */
  readonly check?: (value: string, answers: ScaffoldAnswers) => string | undefined;
}

const constant = (value: string) => (): string => value;
const answer = (answers: ScaffoldAnswers, key: string): string => answers[key] ?? "";
const appPrefix = (answers: ScaffoldAnswers): string => `app/${answer(answers, "project_name")}`;

/** A path of names: no blank, no slash at either end. */
function checkPrefix(value: string): string | undefined {
  return /^[^\s/]+(?:\/[^\s/]+)*$/.test(value)
    ? undefined
    : "a path without blanks, and without a slash at either end";
}

function required(
  key: string,
  prompt: string,
  fallback: ScaffoldQuestion["default"],
  check?: ScaffoldQuestion["check"],
): ScaffoldQuestion {
  return {
    key,
    prompt,
    default: fallback,
    required: true,
    ...(check === undefined ? {} : { check }),
  };
}

function choice(key: string, prompt: string, choices: readonly string[]): ScaffoldQuestion {
  return { key, prompt, default: constant(choices[0] ?? ""), choices, required: true };
}

/** The prompts of `lava new`, in the order in which they are asked (FW-025). */
export const scaffoldQuestions: readonly ScaffoldQuestion[] = [
  required("realm", "Realm of the first environment", constant(""), (value) =>
    /^[A-Za-z0-9][\w-]*$/.test(value) ? undefined : "letters, digits, underscores and hyphens",
  ),
  required("description", "What the project is for", constant("")),
  required("owner", "Who owns it (a name or a mail address)", constant("")),
  required("project_name", "Name of the project", (answers) =>
    basename(answer(answers, "project_dir") || "my_project"),
  ),
  required("project_dir", "Folder of the project", (answers) => answer(answers, "project_name")),
  {
    key: "pip_index_url",
    prompt: "Index of Python packages, if not the usual one",
    default: constant(""),
    required: false,
  },
  choice("include_lava_libs", "Do payloads use the Python library of lava", ["no", "yes"]),
  choice("jupyter_support", "Are there notebooks among the payloads", ["no", "yes"]),
  choice("git_setup", "Set up git with a hook that checks the project", ["yes", "no"]),
  choice("config_checks", "Do the environments have to have the same configuration keys", [
    "strict",
    "warning",
  ]),
  required("environment", "Name of the first environment", constant("dev"), (value) =>
    /^[A-Za-z0-9][\w.-]*$/.test(value)
      ? undefined
      : "a file name of letters, digits, dots, underscores and hyphens",
  ),
  required("job_prefix", "Prefix of job ids", appPrefix, checkPrefix),
  required("payload_prefix", "Prefix of payloads", appPrefix, checkPrefix),
  required("s3trigger_prefix", "Prefix of trigger ids", appPrefix, checkPrefix),
  required(
    "rule_prefix",
    "Prefix of EventBridge rules",
    (answers) => `lava.${answer(answers, "realm")}.${answer(answers, "project_name")}`,
    (value, answers) =>
      value.startsWith(`lava.${answer(answers, "realm")}.`) && !value.includes("/")
        ? undefined
        : `it starts with lava.${answer(answers, "realm")}. and has no slash`,
  ),
  required(
    "docker_prefix",
    "Prefix of image repositories",
    (answers) => `lava/${answer(answers, "realm")}/${answer(answers, "project_name")}`,
    checkPrefix,
  ),
  choice("docker_platform", "Platform of images", ["linux/amd64", "linux/arm64", "host"]),
];
