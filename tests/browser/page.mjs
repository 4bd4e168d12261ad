// One page in headless Chromium, and what every report must hold to: nothing on the console, no request
// off the page, quick to open, readable, usable by keyboard, no sideways scrolling on a phone.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { contrast_failures } from './contrast.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const opening_ms = Number(process.env.LAIR_OPENING_MS || 1000);

const failures = [];
let checks = 0;
export function check(condition, what) {
  ++checks;
  if (!condition) { failures.push(what); console.log('FAILED  ' + what); }
  return condition;
}
export const same = (got, wanted, what) => check(got === wanted, `${what}: is '${got}', should be '${wanted}'`);
export const result = () => ({ failures, checks });

/** Opens a file; `what` names it in messages. */
export async function open(browser, file, what, { width = 1180, height = 900, dark = false, calm = false, script = true, before = '' } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: calm ? 'reduce' : 'no-preference',
    javaScriptEnabled: script, acceptDownloads: true });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  page.on('console', (m) => check(false, `${what}: console ${m.type()}: ${m.text()}`));
  page.on('pageerror', (e) => check(false, `${what}: ${e.stack}`));
  page.on('request', (r) => check(r.url() === url || /^(data|blob):/.test(r.url()), `${what}: asks for ${r.url()}`));
  if (before) await page.addInitScript(before);
  await page.goto(url, { waitUntil: 'load' });
  let took = 0;
  if (script) {
    took = await page.evaluate(() => performance.getEntriesByType('navigation')[0].loadEventEnd);
    check(took > 0 && took <= opening_ms, `${what}: opens in ${took.toFixed(0)} ms`);
  }
  const wide = await sideways(page);
  check(wide <= 0, `${what}: scrolls sideways by ${wide} px at ${width} px`);
  return { page, context, took };
}
// Without scripts in the page playwright's own still run: they do not belong to it.
async function sideways(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** Contrast as we compute it, drawings included, and axe-core's rules (WCAG 2 A and AA). */
export async function readable(page, what) {
  const { looked_at, low } = await page.evaluate(contrast_failures);
  check(looked_at > 10, `${what}: only ${looked_at} texts were looked at`);
  check(low.length === 0, `${what}: contrast below 4.5: ${low.slice(0, 5).join('; ')}${low.length > 5 ? ` and ${low.length - 5} more` : ''}`);
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
    // Contrast is computed above, drawings included. A host's spoken name begins with its name and says all
    // that is drawn on it, in words: not letter by letter what is seen, as the last rule wants.
    rules: { 'color-contrast': { enabled: false }, 'label-content-name-mismatch': { enabled: false } } }));
  check(passes.length > 5, `${what}: axe looked at ${passes.length} rules`);
  for (const v of violations)
    check(false, `${what}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`);
}
