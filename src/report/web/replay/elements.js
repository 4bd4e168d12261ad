// Elements, colours and signs that every part draws with.

// ---- elements -----------------------------------------------------------------------------------

function make(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const name of Object.keys(attributes || {})) e.setAttribute(name, attributes[name]);
  for (const child of children) e.append(child);
  return e;
}
function svg(tag, attributes, ...children) {
  const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const name of Object.keys(attributes || {})) e.setAttribute(name, attributes[name]);
  for (const child of children) e.append(child);
  return e;
}
const set = (e, attributes) => { for (const name of Object.keys(attributes)) e.setAttribute(name, attributes[name]); };
const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
const dark = window.matchMedia('(prefers-color-scheme: dark)');

// Viridis: of steadily rising lightness, so that all kinds of sight order it alike.
const RAMP = [[68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 145, 140], [40, 174, 128],
              [94, 201, 98], [173, 220, 48], [253, 231, 37]];
function heat(part) {
  const x = Math.min(1, Math.max(0, part)) * (RAMP.length - 1), i = Math.min(RAMP.length - 2, Math.floor(x));
  return RAMP[i].map((a, c) => Math.round(a + (RAMP[i + 1][c] - a) * (x - i)));
}
function luminance(rgb) {
  const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const hex = (rgb) => '#' + rgb.map((v) => v.toString(16).padStart(2, '0')).join('');
/** Black or white, whichever stands out more: at least 4.58 : 1. */
const on = (rgb) => (luminance(rgb) > 0.179 ? '#000000' : '#ffffff');

/** The sign of an alarm: shape and letter differ, not only the colour. `r`: half its size. */
function sign(what, r) {
  const g = svg('g', {'font-size': (1.45 * r).toFixed(1), 'font-weight': 700, 'text-anchor': 'middle'});
  const letter = (text, fill, dy) => svg('text', {y: (dy * r).toFixed(1), fill: fill}, text);
  const letters = r >= 4; // else too small to read: the shapes still differ
  if (what === 'true alarm')
    g.append(svg('rect', {x: -r, y: -r, width: 2 * r, height: 2 * r, rx: 2, fill: 'var(--c2)', stroke: 'var(--paper)', 'stroke-width': 1.5}),
             letters ? letter('!', 'var(--paper)', 0.52) : '');
  if (what === 'false alarm')
    g.append(svg('path', {d: `M0,${-1.2 * r} L${1.25 * r},${r} L${-1.25 * r},${r} Z`, fill: 'var(--paper)', stroke: 'var(--c1)', 'stroke-width': 2, 'stroke-linejoin': 'round'}),
             letters ? letter('?', 'var(--ink)', 0.72) : '');
  if (what === 'missed')
    g.append(svg('circle', {r: r, fill: 'var(--paper)', stroke: 'var(--alarm)', 'stroke-width': 2}),
             svg('path', {d: `M${-0.5 * r},${-0.5 * r} L${0.5 * r},${0.5 * r} M${0.5 * r},${-0.5 * r} L${-0.5 * r},${0.5 * r}`, stroke: 'var(--alarm)', 'stroke-width': 2}));
  return g;
}
