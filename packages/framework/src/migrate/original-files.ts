import { createHash } from "node:crypto";
import { ETC_MAKEFILE, MAKEFILE } from "../scaffold/makefile.ts";
import type { MigrationStep } from "./migration.ts";

/** Files that the original put into every project, by the SHA-256 of how version 8.2.0 has them. */
const UNTOUCHED = new Set([
  "0570524328e606c3ac8f30e3c1df5d24962c21260a483de95e8dc653e9b123dd",
  "49ef62a83342195e581fb2d08b7f839aa854a9ac8f8ce289ba10f130f45e4abf",
  "533a9e50561f3a6225a8a23e6cfeed21ee1bdbbf45e817b05d5622052a3a67e3",
  "6062ce1e7d9d55bd1d939e39caf69a87042a3e259d7544e2997f79f800809aa3",
  "80638172eacd2218c2234522e10672f66d9f418223c137ff8baef0d4a9896faf",
  "8a5d785c82164484514a9f46d81f83ee3d18123a52785e3de668e03832a76ff1",
  "c0441e6cb4f151b896cfb77485f5bcaa669f205f6ac6d917a607f92dc6d31997",
]);

/** Targets of the original's Makefiles; others are the user's own. */
const TARGETS = new Set(
  "_aws _bin _clean_dags _git _install _no_venv _preflight _realm_info _venv .git .PHONY all backup black check clean diff dist FORCE help init install pre-install uninstall update".split(
    " ",
  ),
);

/** Own rules of a Makefile: names of targets that are not the original's. */
export function ownTargets(text: string): string[] {
  const names = [...text.matchAll(/^([^\s#:=$%][^#:=\n]*):(?!=)/gm)].flatMap(([, list = ""]) =>
    list.trim().split(/\s+/),
  );
  return [...new Set(names)].filter((name) => !TARGETS.has(name) && !/^[$(]/.test(name));
}

/** What to do with the original's Makefiles, recipe and hook. */
export function originalFiles(read: (file: string) => string | undefined): MigrationStep[] {
  const steps: MigrationStep[] = [];
  const root = read("Makefile");
  if (root !== undefined && !root.includes("$(LAVA)")) {
    const own = ownTargets(root);
    steps.push({
      code: "makefile",
      file: "Makefile",
      message: "the original's driver: a thin one with the same targets calls lava",
      content: MAKEFILE,
    });
    if (own.length > 0) steps.push(ownRules("Makefile", own));
  }
  const etc = read("etc/Makefile");
  if (etc !== undefined && !etc.includes("$(JINJA)")) {
    steps.push({
      code: "makefile",
      file: "etc/Makefile",
      message: "the original's build rules: what misc/Makefile.local needs of them is kept",
      content: ETC_MAKEFILE,
    });
  }
  for (const folder of [
    "lava-connections",
    "lava-jobs",
    "lava-payloads",
    "lava-rules",
    "lava-triggers",
    "misc",
  ]) {
    const file = `${folder}/Makefile`;
    const text = read(file);
    if (text === undefined) continue;
    const own = ownTargets(text);
    const hasOwnRules = own.length > 0 || (!isUntouched(text) && /^\$\(DIST\)\/[^:]*:/m.test(text));
    if (hasOwnRules) steps.push(ownRules(file, own));
    else steps.push({ code: "makefile", file, message: "nothing uses it any more", content: null });
  }
  return [
    ...steps,
    ...dockerfile(read("etc/Dockerfile")),
    ...hook(read("etc/git-hooks/pre-commit")),
  ];
}

function ownRules(file: string, own: readonly string[]): MigrationStep {
  const what = own.length === 0 ? "build rules" : `targets (${own.join(", ")})`;
  return {
    code: "own_rules",
    file,
    message: `it has ${what} of your own, which lava does not run: move them to misc/Makefile.local or misc/hooks/, or make specs of them in TypeScript`,
  };
}

function dockerfile(text: string | undefined): MigrationStep[] {
  if (text === undefined) return [];
  const file = "etc/Dockerfile";
  if (isUntouched(text)) {
    const message =
      "the original's recipe goes on when an installation fails, and does not honour requirements-nodeps.txt: lava's own is used instead";
    return [{ code: "dockerfile", file, message, content: null }];
  }
  if (!/requirements-nodeps\.txt[^&|]*&&[\s\S]{0,200}-r requirements\.txt/.test(text)) return [];
  const message =
    "for requirements-nodeps.txt it installs requirements.txt, and it goes on when that fails: correct it, or take it away for lava's own";
  return [{ code: "dockerfile", file, message }];
}

function hook(text: string | undefined): MigrationStep[] {
  if (text === undefined || /\blava check\b/.test(text)) return [];
  const isOriginal = /yaml_key_diff|yamllint|flake8/.test(text);
  const file = "etc/git-hooks/pre-commit";
  if (!isOriginal) return [];
  const content =
    "#!/bin/sh\n# Refuses a commit of a project that does not check.\nexec lava check\n";
  return [
    { code: "git_hook", file, message: "the original's checks are part of lava check", content },
  ];
}

function isUntouched(text: string): boolean {
  return UNTOUCHED.has(createHash("sha256").update(text).digest("hex"));
}
