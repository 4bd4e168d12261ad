// Reports of comparisons and sweeps: readable, and their tables hold the numbers of the result files.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { check, open, readable } from './page.mjs';
import { csv_file, json_file } from './csv.mjs';

/** Four significant digits agree. */
const close = (shown, value) => Math.abs(Number(shown) - value) <= 5.1e-4 * Math.max(Math.abs(value), 1e-12);

/** Means by metric and policy over the runs of a sweep, where each policy has every point of the grid. */
function sweep_means(folder) {
  const sums = new Map();
  for (const name of readdirSync(join(folder, 'runs'))) {
    const file = join(folder, 'runs', name, 'summary.json');
    if (!existsSync(file)) continue;
    const { policy, metrics } = json_file(file);
    const flat = Object.entries(metrics).flatMap(([key, value]) =>
      (key === 'detection' ? Object.entries(value || {}).map(([k, v]) => ['detection.' + k, v]) : [[key, value]]));
    for (const [metric, value] of flat)
      if (typeof value === 'number') {
        const key = metric + ' ' + policy.name;
        sums.set(key, (sums.get(key) || []).concat(value));
      }
  }
  return [...sums].map(([key, values]) => ({ metric: key.split(' ')[0], policy: key.split(' ')[1],
                                             mean: values.reduce((a, b) => a + b) / values.length }));
}

/** Every table of the page as rows of texts, its head first. */
const tables_of = (page) => page.$$eval('table', (all) =>
  all.map((table) => [...table.querySelectorAll('tr')].map((tr) => [...tr.children].map((td) => td.textContent.trim()))));
const first_number = (text) => text.split(/[ [(]/)[0];

/** A row per metric, a column per policy. */
async function comparison_agrees(page, folder, what) {
  const tables = await tables_of(page);
  let found = 0;
  for (const row of csv_file(join(folder, 'compare.csv')).filter((r) => r.mean !== ''))
    for (const [head, ...lines] of tables) {
      const column = head.indexOf(row.policy);
      if (head[0] !== 'metric' || column < 0) continue;
      for (const line of lines.filter((l) => l[0] === row.metric)) {
        ++found;
        check(close(first_number(line[column]), Number(row.mean)), `${what}: '${line[column]}' for ${row.metric} of ${row.policy}, ${row.mean}`);
      }
    }
  check(found >= 50, `${what}: only ${found} means were found`);
}

/** A row per policy, a column per metric. */
async function sweep_agrees(page, folder, what) {
  const titles = { 'Energy, kWh': 'energy_kwh', 'Mean response time, s': 'response_mean_s', 'SLO violations, share': 'slo_violation_rate',
                   'Throughput, 1/h': 'throughput_per_hour', 'Migrations, count': 'migrations' };
  const means = sweep_means(folder);
  const table = (await tables_of(page)).find(([head]) => head[0] === 'policy' && head[1] === 'points');
  if (!check(table, `${what}: there is no table of means by policy`)) return;
  let found = 0;
  for (const line of table.slice(1))
    table[0].forEach((title, i) => {
      const mean = means.find((m) => m.metric === titles[title] && m.policy === line[0]);
      if (!mean) return;
      ++found;
      check(close(first_number(line[i]), mean.mean), `${what}: '${line[i]}' for ${mean.metric} of ${mean.policy}, ${mean.mean}`);
    });
  check(found >= 8, `${what}: only ${found} means were found`); // of two policies; without deadlines nothing is late
}

export async function test_tables(browser, file, folder, shots, kind) {
  for (const [view, options] of [['light', {}], ['dark', { dark: true }], ['phone', { width: 390, height: 844 }]]) {
    const what = `${kind}, ${view}`, { page, context, took } = await open(browser, file, what, options);
    await page.$$eval('details', (all) => all.forEach((e) => { e.open = true; }));
    if (view === 'light') {
      if (kind === 'comparison') await comparison_agrees(page, folder, what);
      if (kind === 'sweep') await sweep_agrees(page, folder, what);
      check((await page.$$('figure svg')).length > 0, `${what}: figures`);
      console.log(`${kind}: opened in ${Math.round(took)} ms`);
    }
    if (view === 'phone') {
      const cut = await page.$$eval('caption', (all) => all.filter((e) => e.getBoundingClientRect().right > window.innerWidth).map((e) => e.textContent));
      check(cut.length === 0, `${what}: captions that are wider than the page: ${cut}`);
      const narrow = await page.$$eval('td.long', (all) => all.filter((e) => e.getBoundingClientRect().width < 200).length);
      check(narrow === 0, `${what}: ${narrow} sentences in a column that is too narrow`);
    }
    await readable(page, what);
    await page.screenshot({ path: join(shots, `${kind}-${view}.png`), fullPage: true });
    await context.close();
  }
}
