// Opens reports in headless Chromium and holds what they show against the result files.
//   node test.mjs CHROMIUM SCREENSHOT_FOLDER KIND=REPORT.html:RESULT_FOLDER...
// KIND: run, large, still (a run without detector), stress (faults of all kinds), summary, comparison, sweep.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { result } from './page.mjs';
import { test_run, test_summary_run } from './replay.mjs';
import { test_tables } from './tables.mjs';

const [executable, shots, ...reports] = process.argv.slice(2);
const library = existsSync(new URL('../../src/report/web/node_modules/uplot', import.meta.url));
const browser = await chromium.launch({ executablePath: executable, args: [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'] }); // headless, with a new empty profile
try {
  for (const report of reports) {
    const [, kind, file, folder] = /^([^=]*)=(.*):([^:]*)$/.exec(report);
    const began = performance.now();
    if (kind === 'run') await test_run(browser, file, folder, shots, { library });
    else if (['large', 'still', 'stress'].includes(kind)) await test_run(browser, file, folder, shots, { name: kind, thorough: false, library, views: kind === 'still' ? 1 : 3 });
    else if (kind === 'summary') await test_summary_run(browser, file, shots);
    else await test_tables(browser, file, folder, shots, kind);
    console.log(`${kind}: tested in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
} finally {
  await browser.close();
}
const { failures, checks } = result();
console.log(`${checks} checks, ${failures.length} failed; pictures in ${shots}`);
process.exitCode = failures.length ? 1 : 0;
