// Reports of comparisons and sweeps: readable, and their tables hold the numbers of the result files.
import { join } from 'node:path';
import { check, open, readable } from './page.mjs';
import { csv_file } from './csv.mjs';

/** Four significant digits agree. */
const close = (shown, value) => Math.abs(Number(shown) - value) <= 5.1e-4 * Math.max(Math.abs(value), 1e-12);

async function means_agree(page, folder, what) {
  const rows = csv_file(join(folder, 'compare.csv')).filter((row) => row.mean !== '');
  const cells = await page.$$eval('table tr', (all) => all.map((tr) => [...tr.children].map((td) => td.textContent)));
  let found = 0;
  for (const row of rows) {
    const line = cells.filter((c) => c[0].split(/[ ,(]/)[0] === row.metric);
    if (!line.length) continue;
    ++found;
    check(line.some((c) => c.some((text) => close(text.split(/[ [(]/)[0].replace(/,/g, ''), Number(row.mean)))),
          `${what}: no cell of ${row.metric} holds ${row.mean} (${row.policy}): ${JSON.stringify(line[0])}`);
  }
  check(found >= 10, `${what}: only ${found} means were found`);
}

export async function test_tables(browser, file, folder, shots, kind) {
  for (const [view, options] of [['light', {}], ['dark', { dark: true }], ['phone', { width: 390, height: 844 }]]) {
    const what = `${kind}, ${view}`, { page, context, took } = await open(browser, file, what, options);
    await page.$$eval('details', (all) => all.forEach((e) => { e.open = true; }));
    if (view === 'light') {
      if (kind === 'comparison') await means_agree(page, folder, what);
      check((await page.$$('figure svg')).length > 0, `${what}: figures`);
      console.log(`${kind}: opened in ${Math.round(took)} ms`);
    }
    await readable(page, what);
    await page.screenshot({ path: join(shots, `${kind}-${view}.png`), fullPage: true });
    await context.close();
  }
}
