import { type Data, type DataMap } from "@lava/core";
import { createRenderer } from "@lava/render";

/** A template of the user that says how a notebook becomes a script, in the blocks that nbconvert has. */
export interface NotebookTemplate {
  readonly name: string;
  readonly source: string;
  /** Text of a template that this one extends or includes; undefined where there is none. */
  readonly load: (name: string) => string | undefined;
}

/** Blocks of a notebook, all of them empty: what templates of nbconvert call the skeleton. */
const SKELETON = `{% block header %}{% endblock %}
{% block body %}
{% for cell in nb.cells %}
{% block any_cell scoped %}
{% if cell.cell_type == 'code' %}
{% block codecell scoped %}
{% block input_group scoped %}
{% block in_prompt scoped %}{% endblock %}
{% block input scoped %}{% endblock %}
{% endblock %}
{% endblock %}
{% elif cell.cell_type == 'markdown' %}
{% block markdowncell scoped %}{% endblock %}
{% elif cell.cell_type == 'raw' %}
{% block rawcell scoped %}{% endblock %}
{% else %}
{% block unknowncell scoped %}{% endblock %}
{% endif %}
{% endblock %}
{% endfor %}
{% endblock %}
{% block footer %}{% endblock %}
`;

/** A script in Python, with the names that nbconvert has for this template. */
const PYTHON = `{% extends 'null.tpl' %}
{% block header %}
#!/usr/bin/env python3
# coding: utf-8

{% endblock %}
{% block in_prompt %}
# In[{{ cell.execution_count if cell.execution_count else ' ' }}]:


{% endblock %}
{% block input %}
{{ cell.source | ipython2python }}

{% endblock %}
{% block markdowncell %}
{{ cell.source | comment_lines }}

{% endblock %}
`;

const OWN: Readonly<Record<string, string>> = {
  "null.tpl": SKELETON,
  "skeleton/null.tpl": SKELETON,
  "python.tpl": PYTHON,
};

/**
 * The script that a template makes of the cells of a notebook (CLI-225, `-T`). `plain` turns IPython's own syntax into
 * the calls that it stands for.
 *
 * @throws {LavaError} TEMPLATE_ERROR
 */
export function renderNotebook(
  template: NotebookTemplate,
  cells: readonly DataMap[],
  plain: (source: string) => string,
): string {
  const renderer = createRenderer({
    trimBlocks: true,
    lstripBlocks: true,
    loader(name) {
      const source = Object.hasOwn(OWN, name) ? OWN[name] : template.load(name);
      return source === undefined ? undefined : { source, name };
    },
    filters: {
      ipython2python: (source) => plain(text(source)),
      comment_lines: (source, prefix = "# ") => text(source).replace(/^/gm, text(prefix)),
    },
  });
  const nb = { cells, metadata: {} };
  const made = renderer.render(template.source, { nb, resources: {} }, { name: template.name });
  // The interpreter is always this one, whatever the template says.
  return made.replace(/^\s*#!.*/, "#!/usr/bin/env python3").replace(/\n*$/, "\n");
}

function text(value: Data): string {
  return typeof value === "string" ? value : "";
}
