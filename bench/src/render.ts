import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createRenderer } from "@lava/render";
import { type Measurement, median } from "./measurement.ts";

/** How often each template is rendered. */
const ROUNDS = 10_000;

/** Forms of real specs, payloads and actions; `#` is a number that makes each one another template. */
const FORMS = [
  "{{ job.job_id }}-#",
  "s3://{{ realm.bucket }}/{{ job.job_id }}/{{ start[:10] }}/part-#.csv",
  "select * from {{ vars.schema }}.t# where d >= '{{ vars.since }}' and n < {{ vars.limit * 2 }};",
  "{% if globals.env == 'prod' %}prod-#{% elif globals.env == 'uat' %}uat{% else %}dev{% endif %}",
  "{% for t in vars.tables %}{{ loop.index }}:{{ t | upper }}{{ ',' if not loop.last }}{% endfor %} #",
  "{% set n = vars.limit // 3 %}{{ '%05d' % n }} {{ '{:>10}|{:,.2f}'.format(job.job_id, 12345.678) }} #",
  "{{ vars.tables | map('replace', '_', '-') | join(' ') }} # {{ globals.missing | default('none') }}",
  "{%- macro column(name, type='int') -%}{{ name }} {{ type }}{%- endmacro -%}\n" +
    "create table t# ({% for c in vars.columns %}{{ column(c.name, type=c.type) }}{{ ', ' if not loop.last }}{% endfor %})",
  '{"job": {{ job.job_id | tojson }}, "rows": {{ vars.columns | length }}, "n": #}',
  "plain text of a payload without any marks, number #\nand a second line\n",
];

/** What both engines render. */
const TEMPLATES = Array.from({ length: 200 }, (_none, index) =>
  (FORMS[index % FORMS.length] ?? "").replaceAll("#", String(index)),
);

const CONTEXT = {
  job: { job_id: "app/load/weather", run_id: "r-1", enabled: true },
  realm: { bucket: "my-bucket" },
  globals: { env: "uat", lava: { iteration: 1 } },
  start: "2026-01-02T03:04:05+11:00",
  vars: {
    schema: "public",
    since: "2026-01-01",
    limit: 1000,
    tables: ["dim_day", "dim_site", "fact_rain", "fact_sun"],
    columns: [
      { name: "id", type: "bigint" },
      { name: "day", type: "date" },
      { name: "mm", type: "numeric" },
    ],
  },
};

interface Answer {
  readonly seconds: number;
  readonly texts: readonly string[];
}

async function jinja(): Promise<Answer> {
  const child = spawn("python3", [join(import.meta.dirname, "render.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify({ templates: TEMPLATES, context: CONTEXT, rounds: ROUNDS }));
  return JSON.parse(await text(child.stdout)) as Answer;
}

function lava(): Answer {
  const renderer = createRenderer();
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    for (const template of TEMPLATES) renderer.render(template, CONTEXT);
  }
  const seconds = (performance.now() - start) / 1000;
  return { seconds, texts: TEMPLATES.map((template) => renderer.render(template, CONTEXT)) };
}

/** Milliseconds for a template's first parse and rendering, once the code is warm. */
function firstRendering(): number {
  const renderer = createRenderer();
  return median(
    Array.from({ length: 1000 }, (_none, index) => {
      const template = (FORMS[index % FORMS.length] ?? "").replaceAll("#", `first-${index}`);
      const start = performance.now();
      renderer.render(template, CONTEXT);
      return performance.now() - start;
    }),
  );
}

/** Rendering of kept templates against CPython's Jinja2, and a template's first rendering. */
export async function benchRender(): Promise<readonly Measurement[]> {
  const first = firstRendering();
  const theirs = await jinja();
  const ours = lava();
  for (const [index, wanted] of theirs.texts.entries()) {
    if (ours.texts[index] !== wanted) throw new Error(`${TEMPLATES[index]} renders differently`);
  }
  const ratio = ours.seconds / theirs.seconds;
  const each = (answer: Answer): string =>
    `${((answer.seconds * 1e6) / (ROUNDS * TEMPLATES.length)).toFixed(1)} us`;
  return [
    {
      what: `200 kept templates, ${ROUNDS.toLocaleString("en")} times each: one rendering`,
      value: each(ours),
      peer: `CPython's Jinja2 ${each(theirs)}, ratio ${ratio.toFixed(2)}`,
      budget: "2x its time",
      ok: ratio <= 2,
    },
    {
      what: "a small template's first parse and rendering",
      value: `${first.toFixed(3)} ms`,
      budget: "1 ms",
      ok: first < 1,
    },
  ];
}
