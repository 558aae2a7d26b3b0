#!/usr/bin/env node
// The report: one HTML page on stdout, charts as SVG, nothing loaded from elsewhere.
import { execFileSync } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: { title: { type: "string" }, parent: { type: "string" } },
});
const setting = (name) =>
  execFileSync(process.env.LAVA_CONN_SETTINGS, [name], { encoding: "utf8" });
const [unit, accent] = [setting("unit"), setting("accent")];
const database = new DatabaseSync(setting("database"), { readOnly: true, timeout: 10_000 });
const years = database.prepare("SELECT * FROM yearly ORDER BY year").all();
const months = database
  .prepare(
    `SELECT month, sum(rain_mm) / count(DISTINCT year) AS rain, avg(high) AS high, avg(low) AS low
     FROM weather GROUP BY month ORDER BY month`,
  )
  .all();
const kinds = database
  .prepare("SELECT kind, count(*) AS days FROM weather GROUP BY kind ORDER BY days DESC")
  .all();

const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const escape = (text) => String(text).replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** Rain as bars, highs and lows as lines. */
function climate() {
  const [width, height, left, bottom] = [720, 300, 44, 34];
  const step = (width - left * 2) / months.length;
  const x = (index) => left + step * (index + 0.5);
  const maxRain = Math.max(...months.map(({ rain }) => rain));
  const rainY = (value) => height - bottom - (value / maxRain) * (height - bottom - 20);
  const temps = months.flatMap(({ high, low }) => [high, low]);
  const [min, max] = [Math.min(...temps) - 2, Math.max(...temps) + 2];
  const tempY = (value) => height - bottom - ((value - min) / (max - min)) * (height - bottom - 20);
  const line = (field, colour) =>
    `<polyline fill="none" stroke="${colour}" stroke-width="2.5" points="${months
      .map((row, index) => `${x(index).toFixed(1)},${tempY(row[field]).toFixed(1)}`)
      .join(" ")}"/>`;
  const bars = months.map(
    ({ rain }, index) =>
      `<rect x="${(x(index) - step * 0.32).toFixed(1)}" y="${rainY(rain).toFixed(1)}" width="${(step * 0.64).toFixed(1)}" height="${(height - bottom - rainY(rain)).toFixed(1)}" fill="${accent}" opacity="0.35"><title>${NAMES[index]}: ${rain.toFixed(0)} mm</title></rect>`,
  );
  const labels = months.map(
    (_, index) =>
      `<text x="${x(index).toFixed(1)}" y="${height - 12}" text-anchor="middle">${NAMES[index]}</text>`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Rain and temperature by month">
<line x1="${left}" x2="${width - left}" y1="${height - bottom}" y2="${height - bottom}" stroke="#999"/>
${bars.join("\n")}
${line("high", "#c8462c")}
${line("low", accent)}
${labels.join("")}
<text x="${left}" y="14">rain, most ${maxRain.toFixed(0)} mm</text>
<text x="${width - left}" y="14" text-anchor="end">mean high and low, ${min.toFixed(0)} to ${max.toFixed(0)} °${unit}</text>
</svg>`;
}

/** Days of each kind of weather, as one stacked bar. */
function shares() {
  const total = kinds.reduce((sum, { days }) => sum + days, 0);
  const colours = {
    sun: "#e8b93a",
    rain: accent,
    drizzle: "#8fb3cf",
    snow: "#c9d3da",
    fog: "#9a9a9a",
  };
  let at = 0;
  const parts = kinds.map(({ kind, days }) => {
    const size = (days / total) * 720;
    const part = `<rect x="${at.toFixed(1)}" y="0" width="${size.toFixed(1)}" height="28" fill="${colours[kind] ?? "#777"}"><title>${escape(kind)}: ${days} days</title></rect>`;
    at += size;
    return part;
  });
  const legend = kinds.map(
    ({ kind, days }) =>
      `<li><i style="background:${colours[kind] ?? "#777"}"></i>${escape(kind)} ${days}</li>`,
  );
  return `<svg viewBox="0 0 720 28" role="img" aria-label="Days by kind of weather">${parts.join("")}</svg><ul>${legend.join("")}</ul>`;
}

const rows = years.map(
  (row) =>
    `<tr><th>${row.year}</th><td>${row.days}</td><td>${row.rain_mm} mm</td><td>${row.wet_days}</td><td>${row.high} °${unit}</td><td>${row.low} °${unit}</td></tr>`,
);
console.log(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(options.title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 760px; margin: 2rem auto; padding: 0 1rem }
h1 { border-bottom: 4px solid ${accent}; padding-bottom: .3rem } svg text { font: 12px system-ui, sans-serif; fill: #555 }
table { border-collapse: collapse; width: 100% } th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid #ddd }
ul { list-style: none; display: flex; gap: 1.2rem; padding: 0; flex-wrap: wrap } i { display: inline-block; width: .8em; height: .8em; margin-right: .4em }
footer { color: #777; font-size: .85rem; margin-top: 2rem }
</style>
<h1>${escape(options.title)}</h1>
${climate()}
<h2>Kinds of days</h2>
${shares()}
<h2>Years</h2>
<table><tr><th>year</th><th>days</th><th>rain</th><th>wet days</th><th>highest</th><th>lowest</th></tr>${rows.join("")}</table>
<footer>Run ${escape(process.env.LAVA_RUN_ID)} of ${escape(process.env.LAVA_JOB_ID)}, set off by ${escape(options.parent)}.
Data: Seattle weather from vega-datasets (NOAA).</footer>
</html>`);
