import { basename } from "node:path";

/** Which worker a process is. */
export interface WorkerName {
  readonly realm: string;
  readonly worker: string;
}

/** Options of Node.js whose value is a word of its own. */
const NODE_VALUE = /^(?:-r|-C|--require|--import|--conditions|--env-file)$/;
/** What a worker's command line may say beside, with which it does not work. */
const NO_WORKER = /^(?:--last-will|--help|-h|--version|-v)$/;

/**
 * The worker whose process has these words: one of the original (CLI-128), or one of ours by the name `lava-worker` or
 * as `lava worker`. The environment may name the realm and the worker of ours.
 */
export function workerOfCommandLine(
  words: readonly string[],
  environ: Readonly<Record<string, string | undefined>> = {},
): WorkerName | undefined {
  const [program = "", script = ""] = words;
  if (/python/i.test(program) && /\/lava-worker(?:\.py)?$/.test(script)) {
    return workerOfOptions(words.slice(2), {});
  }
  if (!/^node(?:js)?$/.test(basename(program))) return undefined;
  const own = afterScript(words);
  return own === undefined ? undefined : workerOfOptions(own, environ);
}

/** The options of our worker; undefined for another program of Node.js. */
function afterScript(words: readonly string[]): readonly string[] | undefined {
  let at = 1;
  while (words[at]?.startsWith("-") === true) at += NODE_VALUE.test(words[at] ?? "") ? 2 : 1;
  const script = words[at] ?? "";
  if (/^lava-worker(?:\.[jt]s)?$/.test(basename(script))) return words.slice(at + 1);
  const isCommand =
    /^lava(?:\.[jt]s)?$/.test(basename(script)) || script.endsWith("/cli/src/main.ts");
  return isCommand && /^(?:lava-)?worker$/.test(words[at + 1] ?? "")
    ? words.slice(at + 2)
    : undefined;
}

function workerOfOptions(
  words: readonly string[],
  environ: Readonly<Record<string, string | undefined>>,
): WorkerName | undefined {
  if (words.some((word) => NO_WORKER.test(word))) return undefined;
  const realm = optionOf(words, "realm") ?? environ["LAVA_REALM"];
  const worker = optionOf(words, "worker") ?? environ["LAVA_WORKER"];
  return realm && worker ? { realm, worker } : undefined;
}

/** `--name x`, `--name=x`, `-n x`, `-nx`; the last counts. */
function optionOf(words: readonly string[], name: string): string | undefined {
  const short = `-${name.charAt(0)}`;
  let value: string | undefined;
  for (const [index, word] of words.entries()) {
    if (word === `--${name}` || word === short) value = words[index + 1];
    else if (word.startsWith(`--${name}=`)) value = word.slice(name.length + 3);
    else if (word.startsWith(short)) value = word.slice(2);
  }
  return value;
}
