/**
 * Inputs beside the files themselves that a template may use, judged by its text: the config when there is any
 * mark of the build, the realm, environment variables, the user (FW-228). Too many do no harm: what depends on
 * more is built again more often.
 */
export function inputsOfText(text: string): string[] {
  if (!/<[{%#]/.test(text)) return [];
  const inputs = ["@config"];
  if (/\blava\b(?!-|\s*\.\s*(?:aws|dag)\b)/.test(text)) inputs.push("@realm");
  if (/\baws\b/.test(text)) inputs.push("@aws");
  if (/\bjinja\b/.test(text)) inputs.push("@user");
  if (/\benviron\b/.test(text)) inputs.push(...environInputs(text));
  return inputs;
}

/** One input for each variable that is named; all of the environment when one is not named outright. */
function environInputs(text: string): string[] {
  const names: string[] = [];
  const rest = text.replace(
    /\benviron(?:\.get\(\s*(["'])(\w+)\1\s*[,)]|\[\s*(["'])(\w+)\3\s*\]|\.(\w+)(?!\w|\())/g,
    (_all, _q1, got?: string, _q2?: string, indexed?: string, member?: string) => {
      names.push(got ?? indexed ?? member ?? "");
      return "";
    },
  );
  return /\benviron\b/.test(rest) ? ["@environ"] : names.map((name) => `@environ:${name}`);
}
