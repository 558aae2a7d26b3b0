import type { ScaffoldAnswers } from "./questions.ts";

/**
 * `etc/requirements.txt`: the Python packages of a project's own environment. What the answers do not ask for is there as
 * a comment (FW-032); lava itself needs none of them (FW-044).
 */
export function pythonRequirementsFile(answers: ScaffoldAnswers): string {
  const mark = (key: string): string => (answers[key] === "yes" ? "" : "# ");
  const [jupyter, library] = [mark("jupyter_support"), mark("include_lava_libs")];
  return `# Python packages for the work on this project: \`lava init\` installs them into venv/. Without any there is no venv.
# To have one, take away its # and run \`lava init\` again.

# What checks and formats Python sources; \`lava check\` takes it from the PATH otherwise.
# black
# flake8
# flake8-import-order
# yamllint

# Notebooks, to write them: the build turns them into scripts without these.
${jupyter}jupyter
${jupyter}nbconvert<6

# The Python library of lava.
${library}jinlava>=8.0.0
`;
}

/** `.flake8` (FW-265). */
export const FLAKE8_SETTINGS = `[flake8]
max-line-length = 100
max-complexity = 50
import-order-style = pycharm
exclude = venv*,.venv,untracked,dist,node_modules,.git,.idea,.lava-dev,doc,bin,etc,lib
ignore =
    # Black puts blanks before a colon, and lines may break before an operator.
    E203
    W503
    # Docstrings: mood, and blank lines after them.
    D401
    D202
    # A value may have a name before it is returned.
    R504
`;

/** `.yamllint.yaml` (FW-266). */
export const YAMLLINT_SETTINGS = `extends: default

ignore: |
  .git/
  .lava-dev/
  dist/
  node_modules/
  venv/

rules:
  braces:
    min-spaces-inside: 0
    max-spaces-inside: 2
  brackets:
    min-spaces-inside: 0
    max-spaces-inside: 2
  colons:
    max-spaces-before: 0
    max-spaces-after: -1
  commas: {max-spaces-before: 0}
  comments-indentation: {level: error}
  document-start: disable
  empty-values:
    forbid-in-block-mappings: true
    forbid-in-flow-mappings: true
  hyphens:
    max-spaces-after: 1
  indentation:
    spaces: consistent
  line-length: disable
  octal-values: {forbid-implicit-octal: true}
  truthy: {}
`;

/** `pyproject.toml`: how black formats (FW-272). */
export const BLACK_SETTINGS = `[tool.black]
line-length = 100
skip-string-normalization = true
extend-exclude = '''
/(bin|doc|etc|lib|untracked|node_modules|\\.lava-dev)/
'''
`;
