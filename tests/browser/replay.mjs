// The replay in a run's report, held against the run's CSV files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, open, readable, same } from './page.mjs';
import { csv_file, json_file, parse_csv } from './csv.mjs';

const percent = (share) => Math.round(Number((Math.round(share * 1000) / 10).toFixed(0)));

/** A run's files by interval and host. */
function run_files(folder) {
  const by = (rows) => {
    const all = new Map();
    for (const row of rows) all.set(row.interval + '/' + row.host, row);
    return all;
  };
  const intervals = csv_file(join(folder, 'intervals.csv')), hosts = csv_file(join(folder, 'hosts.csv'));
  return { intervals, names: [...new Set(hosts.map((row) => row.host))], hosts: by(hosts), labels: by(csv_file(join(folder, 'labels.csv'))),
           migrations: csv_file(join(folder, 'migrations.csv')), summary: json_file(join(folder, 'summary.json')) };
}

/** 'true alarm', 'false alarm', 'missed' or '', by the definition of docs/results.md. */
function truth(row) {
  if (row.label === '') return '';
  if (row.label === '1') return row.faulty === '1' ? 'true alarm' : 'false alarm';
  return row.faulty === '1' ? 'missed' : '';
}

const move_to = (page, at) => page.$eval('#replay-at', (e, to) => { e.value = to; e.dispatchEvent(new Event('input')); }, at);
const labels_shown = (page) => page.$$eval('#replay-map [data-host]', (all) => all.map((e) => e.getAttribute('aria-label')));

async function values_agree(page, files, what, intervals) {
  for (const at of intervals) {
    await move_to(page, at);
    const shown = await labels_shown(page);
    same(shown.length, files.names.length, `${what}, interval ${at}: hosts drawn`);
    files.names.forEach((name, i) => {
      const host = files.hosts.get(at + '/' + name), label = files.labels.get(at + '/' + name), words = shown[i].split(', ');
      const where = `${what}, interval ${at}, ${name}`;
      same(words[0], name, `${where}: name`);
      same(words[1], host.broker === '1' ? 'broker' : 'worker', `${where}: role`);
      if (Number(host.alive) === 0) same(words[2], 'off', `${where}: off`);
      else check(Math.abs(Number(/^CPU (\d+) %$/.exec(words[2])[1]) - 100 * Number(host.cpu)) <= 0.56, `${where}: '${words[2]}' for ${host.cpu}`);
      same(words[3], host.tasks + (host.tasks == 1 ? ' task' : ' tasks'), `${where}: tasks`);
      const fault = words.find((w) => w.startsWith('fault '));
      same(fault || '', label.fault_kinds ? 'fault ' + label.fault_kinds.split(' ').join(' and ') : '', `${where}: fault`);
      same(words.find((w) => /^(true alarm|false alarm|missed)$/.test(w)) || '', truth(label), `${where}: alarm`);
    });
    const row = files.intervals[at], summary = await page.textContent('#replay-summary');
    for (const part of [`${row.active} tasks active, ${row.queued} queued`, `${row.arrived} arrived, ${row.finished} finished (${row.late} late), ${row.failed} failed`, `Migrations that ended: ${row.migrations}.`])
      check(summary.includes(part), `${what}, interval ${at}: summary says '${summary}', not '${part}'`);
    const from = at > 0 ? Number(files.intervals[at - 1].end_s) : 0, to = Number(row.end_s);
    const moving = files.migrations.filter((m) => Number(m.started_s) < to - 0.1 && (m.ended_s === '' || Number(m.ended_s) > from + 0.1) && m.from !== m.to);
    same((await page.$$('#replay-map [data-move]')).length, moving.length, `${what}, interval ${at}: tasks that move`);
  }
}

/** Every alarm of the run, counted on the page, gives the metrics of summary.json. */
async function alarms_agree(page, files, what) {
  const n = await page.evaluate(() => {
    const slider = document.getElementById('replay-at'), count = { 'true alarm': 0, 'false alarm': 0, missed: 0 };
    for (let at = 0; at <= Number(slider.max); ++at) {
      slider.value = at;
      slider.dispatchEvent(new Event('input'));
      document.querySelectorAll('#replay-map [data-host]').forEach((e) => {
        const word = /(true alarm|false alarm|missed)$/.exec(e.getAttribute('aria-label'));
        if (word) ++count[word[1]];
      });
    }
    return count;
  });
  const { precision, recall } = files.summary.metrics.detection;
  check(Math.abs(n['true alarm'] / (n['true alarm'] + n['false alarm']) - precision) < 1e-9, `${what}: precision ${precision} from ${JSON.stringify(n)}`);
  check(Math.abs(n['true alarm'] / (n['true alarm'] + n.missed) - recall) < 1e-9, `${what}: recall ${recall} from ${JSON.stringify(n)}`);
}

/** The signs differ by shape and by letter, not only by colour. */
async function signs_differ(page, what) {
  const shapes = await page.$$eval('#replay-app > .rp-legend li', (all) => all.filter((li) => /^(true alarm|false alarm|missed fault)$/.test(li.textContent.replace(/[!?]/g, ''))).map((li) => [...li.querySelectorAll('g > *')].map((e) => e.tagName + e.textContent).join()));
  same(shapes.length, 3, `${what}: signs in the legend`);
  same(new Set(shapes).size, 3, `${what}: different signs`);
}

async function keyboard(page, files, what) {
  await page.evaluate(() => { window.scrollTo(0, 0); document.activeElement.blur(); });
  const at = () => page.$eval('#replay-app', (e) => Number(e.dataset.at));
  await move_to(page, 3);
  let reached = false, tabs = 0;
  for (; tabs < 80 && !reached; ++tabs) {
    await page.keyboard.press('Tab');
    reached = await page.evaluate(() => document.activeElement.id === 'replay-at');
  }
  if (!check(reached, `${what}: the tab key does not reach the slider`)) return;
  await page.keyboard.press('ArrowRight');
  same(await at(), 4, `${what}: arrow right`);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  same(await at(), 2, `${what}: arrow left twice`);
  await page.keyboard.press('End');
  same(await at(), files.intervals.length - 1, `${what}: End`);
  await page.keyboard.press('Home');
  same(await at(), 0, `${what}: Home`);
  same(await page.getAttribute('#replay-at', 'aria-valuetext').then((t) => t.startsWith('interval 0, 0:00:00')), true, `${what}: the slider's text`);
  await page.keyboard.press('Space');
  same(await page.textContent('.rp-play'), 'Pause', `${what}: space plays`);
  same(await page.getAttribute('#replay-summary', 'aria-live'), 'off', `${what}: silent while it plays`);
  await page.waitForFunction(() => Number(document.getElementById('replay-app').dataset.at) >= 2, null, { timeout: 5000 });
  await page.keyboard.press('Space');
  same(await page.textContent('.rp-play'), 'Play', `${what}: space pauses`);
  same(await page.getAttribute('#replay-summary', 'aria-live'), 'polite', `${what}: told when it stands`);
  const stood = await at();
  await page.waitForTimeout(700);
  same(await at(), stood, `${what}: stands when paused`);
  // From the slider on to the drawing: one stop, arrows inside, Enter chooses.
  for (tabs = 0, reached = false; tabs < 5 && !reached; ++tabs) {
    await page.keyboard.press('Tab');
    reached = await page.evaluate(() => !!document.activeElement.dataset.host);
  }
  if (!check(reached, `${what}: the tab key does not reach the drawing`)) return;
  const host = await page.evaluate(() => Number(document.activeElement.dataset.host)), to = host === 0 ? 1 : host - 1;
  await page.keyboard.press(host === 0 ? 'ArrowRight' : 'ArrowLeft');
  await page.keyboard.press('Enter');
  same(await page.$eval('#replay-host', (e) => Number(e.value)), to, `${what}: Enter chooses a host`);
}

/** A host is chosen by a click; what is said of it, and what is saved, is what the files hold. */
async function host_agrees(page, files, what, host, at) {
  await move_to(page, at);
  await page.click(`#replay-map [data-host="${host}"]`);
  same(await page.$eval('#replay-host', (e) => Number(e.value)), host, `${what}: a click chooses a host`);
  const name = files.names[host], row = files.hosts.get(at + '/' + name), label = files.labels.get(at + '/' + name);
  const text = await page.textContent('#replay-reading');
  check(text.includes(`${name}: CPU ${percent(row.cpu)} %, RAM ${percent(row.ram)} %, ${row.tasks} ${row.tasks == 1 ? 'task' : 'tasks'}`), `${what}: '${text}' for CPU ${row.cpu}, RAM ${row.ram}`);
  if (label.score !== '') {
    const said = /score ([^ ,]+), threshold ([^,]+)/.exec(text);
    check(said && Math.abs(Number(said[1]) - Number(label.score)) <= 1e-3 * Math.abs(Number(label.score)), `${what}: '${text}' for score ${label.score}`);
    if (label.threshold !== '') check(said && Math.abs(Number(said[2]) - Number(label.threshold)) <= 1e-3 * Number(label.threshold), `${what}: '${text}' for threshold ${label.threshold}`);
  }
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.rp-save button', { hasText: 'data (CSV)' }).nth(1).click()]);
  const saved = parse_csv(readFileSync(await download.path(), 'utf8'));
  same(saved.length, files.intervals.length, `${what}: rows saved`);
  saved.forEach((line, i) => {
    const cpu = Number(files.hosts.get(i + '/' + name).cpu);
    check(line.interval === String(i) && Math.abs(Number(line.CPU_percent) - 100 * cpu) <= 0.051, `${what}: saved '${line.CPU_percent}' for ${cpu}`);
  });
  const [picture] = await Promise.all([page.waitForEvent('download'), page.locator('.rp-save button', { hasText: 'SVG' }).first().click()]);
  const drawing = readFileSync(await picture.path(), 'utf8');
  const wrong = await page.evaluate((t) => {
    const parsed = new DOMParser().parseFromString(t, 'image/svg+xml');
    return parsed.querySelector('parsererror') ? 'is no XML' : parsed.querySelectorAll('[data-host]').length === 0 ? 'has no hosts' : '';
  }, drawing);
  same(wrong, '', `${what}: the saved drawing`);
  check(!drawing.includes('var('), `${what}: the saved drawing has colours without a value`);
  const [png] = await Promise.all([page.waitForEvent('download'), page.locator('.rp-save button', { hasText: 'PNG' }).first().click()]);
  same(readFileSync(await png.path()).subarray(1, 4).toString(), 'PNG', `${what}: the saved picture`);
}

/** Where nothing may move by itself, steps are jumps. */
async function calm_is_calm(browser, file, files, what) {
  const at = files.intervals.findIndex((row, i) => i > 0 && Number(row.migrations) > 0);
  if (at < 0) return;
  const { page, context } = await open(browser, file, what, { calm: true });
  const dots = () => page.$$eval('#replay-map circle[cx]', (all) => all.map((e) => e.getAttribute('cx') + ' ' + e.getAttribute('cy')).join(';'));
  await move_to(page, at);
  const first = await dots();
  await page.waitForTimeout(300);
  same(await dots(), first, `${what}: tasks stand where motion is not wanted`);
  await context.close();
}

/** The series without the chart library: plain drawings. */
async function without_library(browser, file, shots) {
  const { page, context } = await open(browser, file, 'run without uPlot', { before: "Object.defineProperty(window, 'uPlot', { get() {}, set() {} });" });
  check((await page.$$('.rp-chart svg path')).length >= 2 && !(await page.$('.rp-chart canvas')), 'run without uPlot: series are drawn');
  await readable(page, 'run without uPlot');
  await page.screenshot({ path: join(shots, 'run-without-uplot.png'), fullPage: true });
  await context.close();
}

export async function test_run(browser, file, folder, shots, { thorough = true, name = 'run', library = true, views = 3 } = {}) {
  const files = run_files(folder), last = files.intervals.length - 1;
  const busiest = files.intervals.reduce((best, row, i) => (Number(row.migrations) > Number(files.intervals[best].migrations) ? i : best), 0);
  const opened = [];
  for (const [view, options] of [['light', {}], ['dark', { dark: true }], ['phone', { width: 390, height: 844 }]].slice(0, views)) {
    const what = `${name}, ${view}`, { page, context, took } = await open(browser, file, what, options);
    opened.push(Math.round(took));
    await move_to(page, busiest);
    await page.waitForTimeout(750); // until the tasks have moved
    check((await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)) <= 0, `${what}: scrolls sideways`);
    await readable(page, what);
    await page.screenshot({ path: join(shots, `${name}-${view}.png`), fullPage: true });
    await page.locator('#replay-app').screenshot({ path: join(shots, `${name}-${view}-replay.png`) });
    if (view === 'light') {
      same((await page.$$('.rp-chart canvas')).length > 0, library, `${what}: drawn by uPlot`);
      await values_agree(page, files, what, [0, 1, busiest, last]);
      if (thorough) {
        if (files.summary.metrics.detection) { await alarms_agree(page, files, what); await signs_differ(page, what); }
        await keyboard(page, files, what);
        await host_agrees(page, files, what, 1, busiest);
      }
    }
    await context.close();
  }
  console.log(`${name}: ${files.names.length} hosts, ${last + 1} intervals, opened in ${opened.join(', ')} ms`);
  if (!thorough) return;
  await calm_is_calm(browser, file, files, `${name}, calm`);
  if (library) await without_library(browser, file, shots);
  const { page, context } = await open(browser, file, `${name}, no script`, { script: false });
  check((await page.textContent('body')).includes('The replay needs JavaScript'), `${name}, no script: says so`);
  check((await page.$$('figure svg')).length > 0, `${name}, no script: static figures remain`);
  await context.close();
}

/** A run of record level summary: what is missing is said, what is there is shown. */
export async function test_summary_run(browser, file, shots) {
  const { page, context } = await open(browser, file, 'summary run', { width: 390, height: 844 });
  const text = await page.textContent('.rp-missing');
  for (const part of ['hosts.csv', 'migrations.csv', 'record.level = "tasks"']) check(text.includes(part), `summary run: '${text}' without '${part}'`);
  check((await page.$$('.rp-chart')).length === 3, 'summary run: the federation over time');
  await readable(page, 'summary run');
  await page.screenshot({ path: join(shots, 'run-summary-level.png'), fullPage: true });
  await context.close();
}
