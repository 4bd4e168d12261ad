// The replay of a run: data from #replay-data, drawn into #replay-app. No framework; uPlot for the
// series where the page has it. Every number shown is one of the result files'.
(function () {
'use strict';
const data = JSON.parse(document.getElementById('replay-data').textContent);
const app = document.getElementById('replay-app');
const N = data.intervals;
const H = data.hosts.length;

// ---- data ---------------------------------------------------------------------------------------

/** A column as the page carries it: a list, or runs of equal values. */
function expand(column) {
  if (!column || !column.runs) return column;
  const out = [];
  for (let i = 0; i < column.runs.length; i += 2)
    for (let k = 0; k < column.runs[i + 1]; ++k) out.push(column.runs[i]);
  return out;
}
const col = {};
for (const name of Object.keys(data.columns)) col[name] = expand(data.columns[name]);
const series = {};
for (const name of Object.keys(data.series)) series[name] = expand(data.series[name]);
const tasks = data.tasks && {};
if (tasks)
  for (const name of ['arrived', 'finished', 'late', 'failed']) tasks[name] = expand(data.tasks[name]);

const cell = (host, at) => host * N + at;
const begin = (at) => (at > 0 ? data.end_s[at - 1] : 0);
const judged = !!col.codes && /[2-5]/.test(col.codes); // a detector said something at some time
const ALARMS = {3: 'missed', 4: 'false alarm', 5: 'true alarm'};
const ALARM_NAMES = Object.values(ALARMS);
/** 'true alarm', 'false alarm', 'missed' or '': as in the metrics of detection. */
function alarm(host, at) { return judged ? ALARMS[col.codes[cell(host, at)]] || '' : ''; }
function faulty(host, at) { return !!col.codes && (Number(col.codes[cell(host, at)]) & 1) === 1; }
function kinds_of(host, at) {
  return col.kind_set ? data.kind_sets[col.kind_set[cell(host, at)]].split(' ').filter(Boolean) : [];
}
const is_broker = (host, at) => col.broker[cell(host, at)] === 1;
const share = (value) => (value === null ? 'no value' : (value / 10).toFixed(0) + ' %');
function clock(seconds) {
  const s = Math.round(seconds), two = (n) => String(n).padStart(2, '0');
  return Math.floor(s / 3600) + ':' + two(Math.floor(s / 60) % 60) + ':' + two(s % 60);
}
function few(names, most) {
  return names.slice(0, most).join(', ') + (names.length > most ? ' and ' + (names.length - most) + ' more' : '');
}
function rows_in(table, at) {
  const rows = [], a = begin(at), b = data.end_s[at];
  for (let i = 0; i < table.start_s.length; ++i)
    if (table.start_s[i] !== null && table.start_s[i] < b && (table.end_s[i] === null || table.end_s[i] > a)) rows.push(i);
  return rows;
}
// How many of what in every interval, for the strip above the slider.
const counts = {fault: [], 'true alarm': [], 'false alarm': [], missed: [], move: []};
for (let at = 0; at < N; ++at) {
  const now = {'true alarm': 0, 'false alarm': 0, missed: 0};
  for (let host = 0; host < H && judged; ++host) {
    const what = alarm(host, at);
    if (what) ++now[what];
  }
  for (const what of Object.keys(now)) counts[what].push(now[what]);
  counts.fault.push(series.hosts_faulty[at]);
  counts.move.push(series.migrations[at]);
}

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

// ---- saving -------------------------------------------------------------------------------------

function save(name, type, text) {
  make('a', {download: name, href: 'data:' + type + ';charset=utf-8,' + encodeURIComponent(text)}).click();
}
/** A drawing as a file of its own: colours as they are now. */
function standalone(drawing) {
  const copy = drawing.cloneNode(true);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('font-family', 'system-ui, DejaVu Sans, Arial, sans-serif');
  copy.insertBefore(svg('rect', {width: '100%', height: '100%', fill: 'var(--paper)'}), copy.firstChild);
  return new XMLSerializer().serializeToString(copy).replace(/var\(--([a-z0-9]+)\)/g, (all, name) => variable(name));
}
function save_png(name, drawing) {
  const image = new Image(), width = drawing.getAttribute('width'), height = drawing.getAttribute('height');
  image.onload = () => {
    const canvas = make('canvas', {width: 2 * width, height: 2 * height});
    canvas.getContext('2d').drawImage(image, 0, 0, 2 * width, 2 * height);
    make('a', {download: name, href: canvas.toDataURL('image/png')}).click();
  };
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(standalone(drawing));
}
function csv(rows) {
  return rows.map((row) => row.map((v) => {
    let text = v === null || v === undefined ? '' : String(v);
    if (/^[=+\-@]/.test(text) && typeof v !== 'number') text = "'" + text; // no formula in a spreadsheet
    return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }).join(',')).join('\n') + '\n';
}
/** Three buttons; `drawing` and `table` are asked when one is pressed. */
function save_buttons(what, name, drawing, table) {
  const button = (label, action) => {
    const b = make('button', {type: 'button', 'aria-label': what + ': ' + label}, label);
    b.addEventListener('click', action);
    return b;
  };
  return make('div', {class: 'rp-save'}, 'Save: ',
              button('SVG', () => save(name() + '.svg', 'image/svg+xml', standalone(drawing()))),
              button('PNG', () => save_png(name() + '.png', drawing())),
              button('data (CSV)', () => save(name() + '.csv', 'text/csv', csv(table()))));
}

// ---- state --------------------------------------------------------------------------------------

let at = 0;         // interval
let within = 1;     // how much of it has passed: 0 to 1, for tasks that move
let selected = -1;  // host; -1: the mean of all
let playing = false;

if (N === 0) {
  app.append(make('p', {}, 'No interval of this run has ended: there is nothing to replay.'));
  return;
}

// ---- controls -----------------------------------------------------------------------------------

const play = make('button', {type: 'button', class: 'rp-play', 'aria-pressed': 'false'}, 'Play');
const back = make('button', {type: 'button'}, 'Back');
const next = make('button', {type: 'button'}, 'Next');
const event_button = make('button', {type: 'button', title: 'The next interval in which a fault or an alarm begins'}, 'Next event');
const speed = make('select', {'aria-label': 'Intervals a second'},
                   ...[1, 2, 5, 10].map((n) => make('option', {value: n}, n + ' intervals/s')));
speed.value = '2';
const now = make('span', {class: 'rp-now'});
const slider = make('input', {type: 'range', id: 'replay-at', min: 0, max: N - 1, step: 1, value: 0,
                              'aria-describedby': 'replay-help'});
const summary = make('p', {class: 'rp-summary', id: 'replay-summary', role: 'status', 'aria-live': 'polite'});
const strip = svg('svg', {'aria-hidden': 'true'});
const strip_rows = [['faulty hosts', 'fault', 'alarm'], ['true alarms', 'true alarm', 'c2'], ['false alarms', 'false alarm', 'c1'],
                    ['missed', 'missed', 'alarm'], ['moves', 'move', 'muted']].filter((row) => judged || !ALARM_NAMES.includes(row[1]));
const strip_height = 13 * strip_rows.length;
strip.style.height = strip_height + 'px';
app.append(make('div', {class: 'rp-bar', role: 'group', 'aria-label': 'Replay'}, play, back, next, event_button, speed, now),
           make('div', {class: 'rp-time'},
                make('div', {class: 'rp-rows', 'aria-hidden': 'true'}, ...strip_rows.map((r) => make('div', {}, r[0]))), strip,
                make('label', {for: 'replay-at'}, 'Interval'), slider),
           make('p', {class: 'rp-help', id: 'replay-help'},
                'On the slider: arrow keys step, Home and End jump, space plays and pauses. Intervals are numbered from 0, as in the files.'),
           summary);
if (N < data.of)
  app.append(make('p', {class: 'rp-help'}, `The replay holds the first ${N} of ${data.of} intervals: more would make the page too large.`));
for (const what of data.missing)
  if (/^\d+ more /.test(what)) app.append(make('p', {class: 'rp-help'}, what + ' are in the files and not in this replay.'));

function draw_strip() {
  const width = strip.clientWidth || 300, x = (i) => 8 + (N > 1 ? i / (N - 1) : 0.5) * (width - 16);
  const size = Math.max(1.5, Math.min(8, (width - 16) / N - 0.5));
  strip.setAttribute('viewBox', `0 0 ${width} ${strip_height}`);
  strip.replaceChildren();
  strip_rows.forEach(([, name, colour], row) => {
    strip.append(svg('line', {x1: 0, x2: width, y1: 13 * row + 12.5, y2: 13 * row + 12.5, stroke: 'var(--grid)'}));
    const most = Math.max(1, ...counts[name]);
    counts[name].forEach((n, i) => {
      const height = n > 0 ? 3 + 8 * n / most : 0;
      if (n > 0)
        strip.append(svg('rect', {x: (x(i) - size / 2).toFixed(2), y: (13 * row + 12 - height).toFixed(1), width: size.toFixed(2), height: height.toFixed(1), fill: `var(--${colour})`}));
    });
  });
  strip.append(svg('line', {id: 'replay-strip-now', y1: 0, y2: strip_height, stroke: 'var(--ink)', 'stroke-width': 1.5}));
  strip_at();
}
function strip_at() {
  const line = strip.lastChild, width = strip.clientWidth || 300;
  if (!line) return;
  const x = 8 + (N > 1 ? at / (N - 1) : 0.5) * (width - 16);
  set(line, {x1: x, x2: x});
}
strip.addEventListener('pointerdown', (e) => {
  const box = strip.getBoundingClientRect();
  go(Math.round((e.clientX - box.left - 8) / Math.max(1, box.width - 16) * (N - 1)));
});

function summary_text() {
  const s = (name) => series[name][at], parts = [];
  parts.push(`Interval ${at}, ${clock(begin(at))} to ${clock(data.end_s[at])}.`);
  parts.push(`CPU ${share(s('cpu_mean'))} in the mean, ${s('active')} tasks active, ${s('queued')} queued; ` +
             `${s('arrived')} arrived, ${s('finished')} finished (${s('late')} late), ${s('failed')} failed.`);
  const faults = rows_in(data.faults, at).filter((i) => data.faults.masked[i] === 0).map((i) => {
    const where = data.faults.host[i] >= 0 ? data.hosts[data.faults.host[i]] : data.faults.lei[i] >= 0 ? data.leis[data.faults.lei[i]] : '';
    return data.kinds[data.faults.kind[i]] + (where ? ' on ' + where : '');
  });
  parts.push(faults.length ? `Injected: ${few(faults, 4)}.` : 'No fault is injected.');
  if (judged) {
    const who = {'true alarm': [], 'false alarm': [], missed: []};
    for (let host = 0; host < H; ++host) if (alarm(host, at)) who[alarm(host, at)].push(data.hosts[host]);
    const told = (what) => who[what].length + (who[what].length ? ' (' + few(who[what], 4) + ')' : '');
    parts.push(`True alarms: ${told('true alarm')}; false alarms: ${told('false alarm')}; missed: ${told('missed')}.`);
  } else if (H) parts.push('No detector judges the hosts.');
  parts.push(`Migrations that ended: ${s('migrations')}.`);
  return parts.join(' ');
}

// ---- the federation -----------------------------------------------------------------------------

const map_box = make('div', {class: 'rp-map'});
const moves = make('ul', {class: 'rp-moves'});
let map = null;      // the drawing
let places = [];     // of the hosts: group, its parts, middle
let lei_parts = [];
let arcs = null;     // layer of the moves
let cells = null;    // sizes
let dots = [];       // {path, length, start, end} of the moves of this interval

const PAD = 8, BETWEEN = 12; // inside a LEI's box, between two
const columns_of = (hosts) => Math.max(1, Math.ceil(Math.sqrt(hosts.length)));
/** As large as fills the width with whole LEIs, within what can be read and what looks well. */
function cell_sizes(width, members) {
  const c = H <= 40 ? {least: 68, most: 118, h: 42, top: 17, bottom: 30, gap: 10, number: 15, name: 11, sign: 8, lei: 40}
    : H <= 100 ? {least: 52, most: 72, h: 30, top: 15, bottom: 5, gap: 9, number: 13, name: 11, sign: 6.5, lei: 26}
    : {least: 28, most: 44, h: 24, top: 3, bottom: 3, gap: 6, number: 11, name: 0, sign: 5, lei: 24};
  const columns = Math.max(...members.map(columns_of));
  for (let k = Math.max(1, members.filter((m) => m.length).length); k >= 1; --k) {
    c.w = ((width - BETWEEN * (k - 1)) / k - 2 * PAD + c.gap) / columns - c.gap;
    if (c.w >= c.least) break;
  }
  c.w = Math.floor(Math.min(c.most, Math.max(c.least, c.w)));
  return c;
}
function shortened(text, width, size) {
  const most = Math.max(2, Math.floor(width / (0.58 * size)));
  return text.length <= most ? text : text.slice(0, most - 1) + '\u2026';
}

function draw_map() {
  const width = Math.max(260, map_box.clientWidth), members = data.leis.map(() => []);
  for (let host = 0; host < H; ++host) if (col.lei[cell(host, 0)] >= 0) members[col.lei[cell(host, 0)]].push(host);
  const c = cells = cell_sizes(width, members);
  const step_x = c.w + c.gap, step_y = c.top + c.h + c.bottom + c.gap / 2, pad = PAD;
  const most = Math.max(1, Math.floor((width - 2 * pad + c.gap) / step_x));
  places = []; lei_parts = [];
  map = svg('svg', {role: 'group', 'aria-label': 'The federation: arrow keys go from host to host, Enter chooses one', id: 'replay-map'});
  map.append(svg('defs', {}, svg('marker', {id: 'replay-arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse'},
                                 svg('path', {d: 'M0,0 L8,4 L0,8 Z', fill: 'var(--ink)'})),
                             svg('pattern', {id: 'replay-off', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)'},
                                 svg('rect', {width: 6, height: 6, fill: 'var(--paper)'}), svg('rect', {width: 2, height: 6, fill: 'var(--grid)'}))));
  let x = 0, y = 0, row = 0;
  members.forEach((hosts, lei) => {
    if (!hosts.length) return;
    const columns = Math.min(most, columns_of(hosts));
    const w = columns * step_x - c.gap + 2 * pad, h = c.lei + Math.ceil(hosts.length / columns) * step_y + pad;
    if (x > 0 && x + w > width + 0.5) { x = 0; y += row + BETWEEN; row = 0; }
    const box = svg('rect', {x: x + 1, y: y + 1, width: w - 2, height: h - 2, rx: 8, fill: 'var(--panel)', stroke: 'var(--grid)'});
    const name = svg('text', {x: x + pad, y: y + 17, 'font-size': c.number > 11 ? 13 : 11, 'font-weight': 600, fill: 'var(--ink)'},
                     shortened(data.leis[lei], w - 2 * pad, 12));
    const note = svg('text', {x: x + pad, y: y + 33, 'font-size': 11, fill: 'var(--muted)'});
    map.append(box, name, note);
    lei_parts[lei] = {box, note, width: w - 2 * pad};
    hosts.forEach((host, i) => {
      const hx = x + pad + (i % columns) * step_x, hy = y + c.lei + Math.floor(i / columns) * step_y;
      places[host] = draw_host(host, hx, hy, c);
      map.append(places[host].group);
    });
    x += w + BETWEEN;
    row = Math.max(row, h);
  });
  arcs = svg('g', {'aria-hidden': 'true'});
  arcs.style.pointerEvents = 'none';
  map.append(arcs);
  set(map, {width: width, height: y + row + 2, viewBox: `0 0 ${width} ${y + row + 2}`});
  map_box.replaceChildren(map);
  roving = selected >= 0 ? selected : 0;
  if (places[roving]) places[roving].group.setAttribute('tabindex', 0);
}

function draw_host(host, x, y, c) {
  const top = y + c.top, mid = x + c.w / 2;
  const group = svg('g', {role: 'button', tabindex: -1, 'data-host': host});
  const part = {group, x: mid, y: top + c.h / 2, bottom: top + c.h, title: svg('title'),
    fault: svg('rect', {x: x - 3.5, y: top - 3.5, width: c.w + 7, height: c.h + 7, rx: 6, fill: 'none', stroke: 'var(--alarm)', 'stroke-width': 2.5, 'stroke-dasharray': '6 3', visibility: 'hidden'}),
    rect: svg('rect', {x: x, y: top, width: c.w, height: c.h, rx: 4, stroke: 'var(--muted)', 'stroke-width': 1}),
    inner: svg('rect', {x: x + 2.5, y: top + 2.5, width: c.w - 5, height: c.h - 5, rx: 2.5, fill: 'none', 'stroke-width': 1.5, visibility: 'hidden'}),
    number: svg('text', {'aria-hidden': 'true', x: mid, y: top + (c.bottom > 20 ? 0.5 : 0.66) * c.h + (c.bottom > 20 ? 2 : 0), 'text-anchor': 'middle', 'font-size': c.number, 'font-weight': 600}),
    load: svg('text', {'aria-hidden': 'true', x: mid, y: top + c.h - 7, 'text-anchor': 'middle', 'font-size': 11}),
    chosen: svg('rect', {x: x - 5, y: y - 2, width: c.w + 10, height: c.top + c.h + c.bottom + 4, rx: 6, fill: 'var(--paper)', stroke: 'var(--accent)', 'stroke-width': 2, visibility: 'hidden'}),
    focus: svg('rect', {class: 'rp-focus', x: x - 5, y: y - 2, width: c.w + 10, height: c.top + c.h + c.bottom + 4, rx: 6, fill: 'none'}),
    name: svg('text', {'aria-hidden': 'true', x: x, y: top - 6, 'font-size': c.name, fill: 'var(--ink)'}),
    kinds: svg('text', {'aria-hidden': 'true', x: x, y: top + c.h + 15, 'font-size': 11, fill: 'var(--alarm)'}),
    word: svg('text', {'aria-hidden': 'true', x: x, y: top + c.h + 28, 'font-size': 11, 'font-weight': 600, fill: 'var(--ink)'}),
    sign: svg('g', {'aria-hidden': 'true', transform: `translate(${x + c.w - 2},${top + 1})`})};
  group.append(part.title, part.chosen, part.focus, part.rect, part.inner, part.number, part.fault, part.sign);
  if (c.name) group.append(part.name);
  if (c.bottom > 20) group.append(part.load, part.kinds, part.word);
  part.sign_shown = '';
  group.addEventListener('click', () => choose(host));
  return part;
}

let roving = 0;
map_box.addEventListener('keydown', (e) => {
  const group = e.target.closest('[data-host]');
  if (!group) return;
  const host = Number(group.dataset.host), step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[e.key];
  if (step) {
    const to = Math.min(H - 1, Math.max(0, host + step));
    places[roving].group.setAttribute('tabindex', -1);
    roving = to;
    places[to].group.setAttribute('tabindex', 0);
    places[to].group.focus();
    e.preventDefault();
  } else if (e.key === 'Enter' || e.key === ' ') {
    choose(host);
    e.preventDefault();
  }
});

function show_hosts() {
  const c = cells, wide = c.w >= 86;
  for (let host = 0; host < H; ++host) {
    const p = places[host], i = cell(host, at);
    if (!p) continue;
    const cpu = col.cpu[i], alive = col.alive[i], what = alarm(host, at), kinds = kinds_of(host, at), broker = is_broker(host, at);
    const off = alive === 0, colour = heat((cpu || 0) / 1000), text = on(colour);
    set(p.rect, {fill: off ? 'url(#replay-off)' : hex(colour)});
    p.number.textContent = off ? 'off' : cpu === null ? '\u2013' : (cpu / 10).toFixed(0) + (c.number > 13 ? ' %' : '');
    set(p.number, {fill: off ? 'var(--ink)' : text});
    p.load.textContent = off ? '' : col.tasks[i] > 6 ? col.tasks[i] + ' tasks' : '\u25cf'.repeat(col.tasks[i] || 0);
    set(p.load, {fill: text});
    set(p.inner, {visibility: broker ? 'visible' : 'hidden', stroke: off ? 'var(--ink)' : text});
    set(p.fault, {visibility: faulty(host, at) ? 'visible' : 'hidden'});
    set(p.chosen, {visibility: host === selected ? 'visible' : 'hidden'});
    if (c.name) p.name.textContent = shortened(data.hosts[host], broker ? c.w - (wide ? 46 : 14) : c.w, c.name) + (broker ? (wide ? ' \u00b7 broker' : ' B') : '');
    p.kinds.textContent = kinds.length > 1 ? shortened(kinds[0], c.w - 16, 10.5) + ' +' + (kinds.length - 1) : shortened(kinds.join(), c.w + c.gap - 2, 10.5);
    const moved = col.lei[i] !== col.lei[cell(host, 0)] && col.lei[i] >= 0 ? 'now in ' + data.leis[col.lei[i]] : '';
    set(p.word, {y: p.bottom + (kinds.length ? 28 : 15)});
    p.word.textContent = what || shortened(moved || (alive !== null && alive < 1000 && !off ? 'partly off' : ''), c.w, 11);
    if (p.sign_shown !== what) {
      p.sign.replaceChildren(...(what ? [sign(what, c.sign)] : []));
      p.sign_shown = what;
    }
    const words = [data.hosts[host], broker ? 'broker' : 'worker', off ? 'off' : 'CPU ' + share(cpu), col.tasks[i] + ' tasks'];
    if (moved) words.push(moved);
    if (alive > 0 && alive < 1000) words.push('on for ' + share(alive) + ' of the interval');
    if (kinds.length) words.push('fault ' + kinds.join(' and '));
    if (what) words.push(what);
    const label = words.join(', ');
    p.title.textContent = label;
    set(p.group, {'aria-label': label, 'aria-pressed': host === selected ? 'true' : 'false'});
  }
  const cut_off = new Map();
  for (const i of rows_in(data.faults, at))
    if (data.faults.masked[i] === 0 && data.faults.lei[i] >= 0) cut_off.set(data.faults.lei[i], data.kinds[data.faults.kind[i]]);
  lei_parts.forEach((p, lei) => {
    set(p.box, cut_off.has(lei) ? {stroke: 'var(--alarm)', 'stroke-width': 2.5, 'stroke-dasharray': '6 3'} : {stroke: 'var(--grid)', 'stroke-width': 1, 'stroke-dasharray': 'none'});
    if (c.lei < 30) return;
    const i = lei * N + at, parts = [];
    if (cut_off.has(lei)) parts.push(cut_off.get(lei));
    if (tasks && tasks.arrived[i]) parts.push('+' + tasks.arrived[i] + ' tasks');
    if (tasks && tasks.finished[i]) parts.push(tasks.finished[i] + ' done' + (tasks.late[i] ? ', ' + tasks.late[i] + ' late' : ''));
    p.note.textContent = shortened(parts.join(' \u00b7 '), p.width, 11);
  });
}

function task_name(i) {
  const app_number = data.tasks ? data.tasks.application[data.migrations.task[i]] : undefined;
  return 'task ' + data.migrations.task[i] + (app_number >= 0 ? ' (' + data.applications[app_number] + ')' : '');
}
function show_moves() {
  const m = data.migrations, rows = rows_in(m, at);
  arcs.replaceChildren();
  dots = [];
  // Many at once would hide the hosts: then only those of the chosen host stand out.
  const crowded = rows.length > 24;
  for (const i of rows) {
    const a = places[m.from[i]], b = places[m.to[i]];
    if (!a || !b || a === b) continue;
    // From edge to edge, not over the numbers: below the row, or from row to row. Tasks of different
    // numbers leave and reach a host at different places.
    const dy = b.y - a.y, row = Math.abs(dy) < cells.h, down = row || dy > 0 ? 1 : -1, spread = (m.task[i] % 5 - 2) * cells.w / 9;
    const ax = a.x + spread, bx = b.x + spread, ay = a.y + down * cells.h / 2, by = b.y + (row ? 1 : -down) * cells.h / 2;
    const bend = row ? 14 + 0.03 * Math.abs(bx - ax) : down * Math.max(16, 0.4 * Math.abs(by - ay));
    const d = `M${ax.toFixed(1)},${ay.toFixed(1)} C${ax.toFixed(1)},${(ay + bend).toFixed(1)} ${bx.toFixed(1)},${(by + (row ? bend : -bend)).toFixed(1)} ${bx.toFixed(1)},${by.toFixed(1)}`;
    if (crowded && m.from[i] !== selected && m.to[i] !== selected) {
      arcs.append(svg('path', {d, fill: 'none', stroke: 'var(--ink)', 'stroke-width': 1, opacity: 0.16, 'data-move': m.task[i]}));
      continue;
    }
    const aborted = data.outcomes[m.outcome[i]].startsWith('aborted');
    const path = svg('path', {d, fill: 'none', stroke: 'var(--ink)', 'stroke-width': 2, 'stroke-dasharray': aborted ? '3 4' : 'none', 'marker-end': 'url(#replay-arrow)', 'data-move': m.task[i]});
    const dot = svg('circle', {r: H <= 40 ? 5.5 : 4, fill: 'var(--c1)', stroke: 'var(--paper)', 'stroke-width': 1.5});
    arcs.append(svg('path', {d, fill: 'none', stroke: 'var(--paper)', 'stroke-width': 4, opacity: 0.6}), path, dot);
    if (aborted) {
      const middle = path.getPointAtLength(path.getTotalLength() / 2);
      arcs.append(svg('path', {d: `M${middle.x - 5},${middle.y - 5} l10,10 m0,-10 l-10,10`, stroke: 'var(--alarm)', 'stroke-width': 2.5}));
    }
    dots.push({path, dot, length: path.getTotalLength(), start: m.start_s[i], end: m.end_s[i]});
  }
  moves.replaceChildren(...rows.slice(0, 12).map((i) =>
    make('li', {}, `${task_name(i)} from ${data.hosts[m.from[i]] || 'elsewhere'} to ${data.hosts[m.to[i]] || 'elsewhere'}, ` +
                   `${m.megabytes[i].toFixed(0)} MB, ${data.outcomes[m.outcome[i]].replace('_', ' ')}`)));
  if (rows.length > 12) moves.append(make('li', {}, `and ${rows.length - 12} more`));
  if (crowded) moves.prepend(make('li', {}, `${rows.length} tasks move: faint lines; those from and to the chosen host have arrows`));
  if (!rows.length) moves.append(make('li', {}, 'No task moves.'));
  place_dots();
}
function place_dots() {
  const time = begin(at) + within * (data.end_s[at] - begin(at));
  for (const d of dots) {
    const end = d.end === null ? data.end_s[at] : d.end, part = (time - d.start) / Math.max(1e-9, end - d.start);
    const p = d.path.getPointAtLength(Math.min(1, Math.max(0, part)) * d.length);
    set(d.dot, {cx: p.x.toFixed(1), cy: p.y.toFixed(1)});
  }
}

function legend() {
  const item = (text, drawing) => make('li', {}, drawing, text);
  const box = (...parts) => svg('svg', {width: 22, height: 22, viewBox: '-11 -11 22 22', 'aria-hidden': 'true'}, ...parts);
  const ramp = svg('svg', {width: 90, height: 14, 'aria-hidden': 'true'});
  for (let i = 0; i < 30; ++i) ramp.append(svg('rect', {x: 3 * i, width: 3.2, height: 14, fill: hex(heat(i / 29))}));
  const list = make('ul', {class: 'rp-legend', 'aria-label': 'Legend'}, make('li', {}, 'CPU 0 %', ramp, '100 %'),
    item('broker (B)', box(svg('rect', {x: -9, y: -7, width: 18, height: 14, rx: 3, fill: hex(heat(0.3))}), svg('rect', {x: -6.5, y: -4.5, width: 13, height: 9, rx: 2, fill: 'none', stroke: '#ffffff', 'stroke-width': 1.5}))),
    item('injected fault', box(svg('rect', {x: -9, y: -7, width: 18, height: 14, rx: 4, fill: 'none', stroke: 'var(--alarm)', 'stroke-width': 2.5, 'stroke-dasharray': '6 3'}))));
  if (judged)
    for (const [what, text] of [['true alarm', 'true alarm'], ['false alarm', 'false alarm'], ['missed', 'missed fault']]) list.append(item(text, box(sign(what, 7.5))));
  list.append(item('task that moves', box(svg('path', {d: 'M-10,4 Q0,-9 9,3', fill: 'none', stroke: 'var(--ink)', 'stroke-width': 2}), svg('circle', {cx: 0, cy: -2.5, r: 4.5, fill: 'var(--c1)'}))));
  if (H <= 40) list.append(make('li', {}, '\u25cf a task on the host at the interval\u2019s end'));
  return list;
}

// ---- series over time ---------------------------------------------------------------------------

const choice = make('select', {id: 'replay-host'}, make('option', {value: -1}, 'all hosts (mean)'),
                    ...data.hosts.map((name, i) => make('option', {value: i}, name)));
const reading = make('p', {class: 'rp-reading', id: 'replay-reading'});
const charts = make('div');
let drawn = []; // the charts that are shown: {spec, box, at()}

const slice = (column) => column.slice(selected * N, selected * N + N);
const shares = (values) => values.map((v) => (v === null ? null : v / 10));

/** What the charts of the chosen host (or of all) show. */
function specs() {
  const x = Array.from({length: N}, (_, i) => i);
  if (selected < 0) {
    const list = [{title: 'CPU and RAM of all hosts, mean', unit: '%', x, min: 0, max: 100, bands: [], marks: [],
                   lines: [{name: 'CPU', values: shares(series.cpu_mean.slice(0, N)), colour: 'c0'},
                           {name: 'RAM', values: shares(series.ram_mean.slice(0, N)), colour: 'c1', dash: [6, 4]}]}];
    const faults = {title: 'Hosts with an injected fault, hosts labelled faulty', unit: 'hosts', x, min: 0, bands: [], marks: [],
                    lines: [{name: 'injected', values: series.hosts_faulty.slice(0, N), colour: 'c7'}]};
    if (series.hosts_labelled.some((v) => v > 0)) faults.lines.push({name: 'labelled', values: series.hosts_labelled.slice(0, N), colour: 'c0', dash: [6, 4]});
    list.push(faults, {title: 'Tasks', unit: 'tasks', x, min: 0, bands: [], marks: [],
                       lines: [{name: 'active', values: series.active.slice(0, N), colour: 'c0'},
                               {name: 'queued', values: series.queued.slice(0, N), colour: 'c1', dash: [6, 4]}]});
    return list;
  }
  const bands = [], marks = [], length = data.end_s[0];
  // A fault of a LEI (a partition) strikes the hosts whose labels say so.
  const strikes = (i) => data.faults.host[i] === selected ||
    (data.faults.host[i] < 0 && kinds_of(selected, Math.min(N - 1, Math.floor(data.faults.start_s[i] / length))).includes(data.kinds[data.faults.kind[i]]) &&
     data.faults.lei[i] === col.lei[cell(selected, Math.min(N - 1, Math.floor(data.faults.start_s[i] / length)))]);
  for (let i = 0; i < data.faults.fault.length; ++i)
    if (data.faults.masked[i] === 0 && data.faults.start_s[i] < data.end_s[N - 1] && strikes(i))
      bands.push({from: data.faults.start_s[i] / length - 0.5, to: (data.faults.end_s[i] === null ? data.end_s[N - 1] : data.faults.end_s[i]) / length - 0.5,
                  kind: data.kinds[data.faults.kind[i]]});
  for (let i = 0; i < N; ++i) if (alarm(selected, i)) marks.push({at: i, what: alarm(selected, i)});
  const name = data.hosts[selected];
  const list = [{title: `CPU and RAM of ${name}, injected faults`, unit: '%', x, min: 0, max: 100, bands, marks: [],
                 lines: [{name: 'CPU', values: shares(slice(col.cpu)), colour: 'c0'}, {name: 'RAM', values: shares(slice(col.ram)), colour: 'c1', dash: [6, 4]}]}];
  if (judged)
    list.push({title: `Score and threshold of ${name}, alarms`, unit: '', x, bands, marks,
               lines: [{name: 'score', values: slice(col.score), colour: 'c0'}, {name: 'threshold', values: slice(col.threshold), colour: 'c1', dash: [6, 4]}]});
  return list;
}

/** Lowest and highest value, with room for the marks above. */
function bounds(spec) {
  let low = spec.min, high = spec.max;
  const values = [].concat(...spec.lines.map((l) => l.values)).filter((v) => v !== null);
  if (low === undefined) low = Math.min(0, ...values);
  if (high === undefined) high = Math.max(...values, low);
  if (!(high > low)) high = low + 1;
  return [low, high + (spec.marks.length ? 0.22 : 0.05) * (high - low)];
}
const short_number = (v) => (v === 0 ? '0' : Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3 ? v.toExponential(1) : String(Number(v.toPrecision(3))));

/** The chart as a drawing: what is saved, and what is shown where uPlot is not in the page. */
function drawing(spec, width, height) {
  const left = 52, right = 10, top = 8, bottom = 40, [low, high] = bounds(spec);
  const x = (v) => left + (v + 0.5) / N * (width - left - right), y = (v) => top + (high - v) / (high - low) * (height - top - bottom);
  const root = svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': spec.title, 'font-size': 12});
  root.append(svg('title', {}, spec.title));
  const rough = (high - low) / 4, power = Math.pow(10, Math.floor(Math.log10(rough)));
  const tick = [1, 2, 2.5, 5, 10].map((f) => f * power).find((t) => t >= 0.95 * rough);
  for (let v = Math.ceil(low / tick) * tick; v <= high; v += tick) {
    root.append(svg('line', {x1: left, x2: width - right, y1: y(v), y2: y(v), stroke: 'var(--grid)'}),
                svg('text', {x: left - 6, y: y(v) + 4, 'text-anchor': 'end', fill: 'var(--ink)'}, short_number(v)));
  }
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((s) => N / s * 45 <= width - left) || Math.ceil(N / 8);
  for (let i = 0; i < N; i += step) root.append(svg('text', {x: x(i), y: height - bottom + 16, 'text-anchor': 'middle', fill: 'var(--ink)'}, i));
  root.append(svg('text', {x: (left + width) / 2, y: height - 6, 'text-anchor': 'middle', fill: 'var(--ink)'}, 'interval'));
  for (const b of spec.bands) {
    const from = Math.max(left, x(b.from)), to = Math.min(width - right, Math.max(x(b.to), x(b.from) + 2));
    root.append(svg('rect', {x: from, y: top, width: Math.max(1, to - from), height: height - top - bottom, fill: 'var(--alarm)', opacity: 0.22}, svg('title', {}, b.kind)));
  }
  for (const l of spec.lines) {
    let d = '', pen = 'M';
    l.values.forEach((v, i) => {
      if (v === null) pen = 'M';
      else { d += `${pen}${x(i).toFixed(1)},${y(v).toFixed(1)}`; pen = 'L'; }
    });
    root.append(svg('path', {d, fill: 'none', stroke: `var(--${l.colour})`, 'stroke-width': 1.6, 'stroke-dasharray': l.dash ? l.dash.join(' ') : 'none'}));
  }
  for (const m of spec.marks) {
    const g = sign(m.what, sign_size((width - left - right) / N));
    g.setAttribute('transform', `translate(${x(m.at).toFixed(1)},${top + 9})`);
    root.append(g);
  }
  return root;
}

/** Half the size of an alarm's sign where intervals are that far apart. */
const sign_size = (apart) => Math.max(2.2, Math.min(5, 0.55 * apart));

function plain_chart(spec, box) {
  let root, line;
  const draw = () => {
    root = drawing(spec, Math.max(260, box.clientWidth), 190);
    line = svg('line', {y1: 8, y2: 150, stroke: 'var(--ink)', 'stroke-width': 1.5, 'stroke-dasharray': '2 2'});
    root.append(line);
    box.replaceChildren(root);
    show();
  };
  const show = () => {
    const x = 52 + (at + 0.5) / N * (Math.max(260, box.clientWidth) - 62);
    set(line, {x1: x, x2: x});
  };
  draw();
  box.addEventListener('click', (e) => go(Math.floor((e.clientX - box.getBoundingClientRect().left - 52) / Math.max(1, box.clientWidth - 62) * N)));
  return {at: show, size: draw};
}

function plot_sign(g, what, x, y, r, colours) {
  g.setLineDash([]);
  g.lineWidth = 1.5 * devicePixelRatio;
  g.fillStyle = what === 'true alarm' ? colours.c2 : colours.paper;
  g.strokeStyle = what === 'true alarm' ? colours.paper : what === 'false alarm' ? colours.c1 : colours.alarm;
  g.beginPath();
  if (what === 'true alarm') g.rect(x - r, y - r, 2 * r, 2 * r);
  else if (what === 'missed') g.arc(x, y, r, 0, 2 * Math.PI);
  else { g.moveTo(x, y - 1.2 * r); g.lineTo(x + 1.25 * r, y + r); g.lineTo(x - 1.25 * r, y + r); g.closePath(); }
  g.fill(); g.stroke();
  if (what === 'missed') {
    g.beginPath(); g.moveTo(x - r / 2, y - r / 2); g.lineTo(x + r / 2, y + r / 2); g.moveTo(x + r / 2, y - r / 2); g.lineTo(x - r / 2, y + r / 2); g.stroke();
  } else if (r >= 4 * devicePixelRatio) {
    g.fillStyle = what === 'true alarm' ? colours.paper : colours.ink;
    g.font = `700 ${(1.5 * r).toFixed(0)}px sans-serif`;
    g.textAlign = 'center'; g.textBaseline = 'alphabetic';
    g.fillText(what === 'true alarm' ? '!' : '?', x, y + (what === 'true alarm' ? 0.52 : 0.75) * r);
  }
}

function uplot_chart(spec, box) {
  const colours = {};
  for (const name of ['ink', 'grid', 'paper', 'muted', 'alarm', 'accent', 'c0', 'c1', 'c2', 'c7']) colours[name] = variable(name);
  const font = '12px system-ui, "DejaVu Sans", Arial, sans-serif';
  const [low, high] = bounds(spec);
  const behind = (u) => {
    const g = u.ctx, ratio = devicePixelRatio;
    g.save();
    g.setLineDash([]);
    g.beginPath(); g.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height); g.clip();
    for (const b of spec.bands) {
      const from = u.valToPos(b.from, 'x', true), to = Math.max(u.valToPos(b.to, 'x', true), from + 2 * ratio);
      g.globalAlpha = 0.22; g.fillStyle = colours.alarm; g.fillRect(from, u.bbox.top, to - from, u.bbox.height);
      g.globalAlpha = 1; g.strokeStyle = colours.alarm; g.lineWidth = ratio;
      g.beginPath(); g.moveTo(from, u.bbox.top); g.lineTo(from, u.bbox.top + u.bbox.height); g.stroke();
    }
    g.restore();
  };
  const before = (u) => {
    const g = u.ctx, ratio = devicePixelRatio;
    g.save();
    for (const m of spec.marks) plot_sign(g, m.what, u.valToPos(m.at, 'x', true), u.bbox.top + 10 * ratio, sign_size(u.bbox.width / ratio / N) * ratio, colours);
    const x = u.valToPos(at, 'x', true);
    g.strokeStyle = colours.ink; g.lineWidth = 1.5 * ratio; g.setLineDash([3 * ratio, 2 * ratio]);
    g.beginPath(); g.moveTo(x, u.bbox.top); g.lineTo(x, u.bbox.top + u.bbox.height); g.stroke();
    g.restore();
  };
  const axis = (more) => Object.assign({stroke: colours.ink, font, labelFont: font, grid: {stroke: colours.grid, width: 1}, ticks: {stroke: colours.grid, width: 1}}, more);
  const plot = new uPlot({
    width: Math.max(260, box.clientWidth), height: 190, legend: {show: false},
    cursor: {drag: {x: false, y: false, setScale: false}, sync: {key: 'replay'}, y: false},
    scales: {x: {time: false, range: [-0.5, N - 0.5]}, y: {range: [low, high]}},
    axes: [axis({label: 'interval', size: 30, labelSize: 16, gap: 3, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]}),
           axis({size: 52, values: (u, ticks) => ticks.map(short_number)})],
    series: [{}].concat(spec.lines.map((l) => ({label: l.name, stroke: colours[l.colour], width: 1.6, dash: l.dash, points: {show: N === 1}}))),
    hooks: {drawClear: [behind], draw: [before]},
  }, [spec.x].concat(spec.lines.map((l) => l.values)), box);
  plot.over.addEventListener('click', (e) => go(Math.round(plot.posToVal(e.clientX - plot.over.getBoundingClientRect().left, 'x'))));
  plot.root.querySelectorAll('canvas').forEach((c) => set(c, {role: 'img', 'aria-label': spec.title}));
  return {at: () => plot.redraw(false), size: () => plot.setSize({width: Math.max(260, box.clientWidth), height: 190}), end: () => plot.destroy()};
}

function draw_charts() {
  for (const chart of drawn) if (chart.end) chart.end();
  charts.replaceChildren();
  drawn = specs().map((spec, n) => {
    const box = make('div', {class: 'rp-chart'}), key = make('ul', {class: 'rp-legend'});
    for (const l of spec.lines)
      key.append(make('li', {}, svg('svg', {width: 30, height: 10, 'aria-hidden': 'true'}, svg('line', {x1: 0, x2: 30, y1: 5, y2: 5, stroke: `var(--${l.colour})`, 'stroke-width': 2.5, 'stroke-dasharray': l.dash ? l.dash.join(' ') : 'none'})), l.name + (spec.unit === '%' ? ' (%)' : '')));
    if (spec.bands.length) key.append(make('li', {}, svg('svg', {width: 22, height: 14, 'aria-hidden': 'true'}, svg('rect', {width: 22, height: 14, fill: 'var(--alarm)', opacity: 0.3})), 'injected: ' + few([...new Set(spec.bands.map((b) => b.kind))], 4)));
    for (const what of ['true alarm', 'false alarm', 'missed'])
      if (spec.marks.some((m) => m.what === what))
        key.append(make('li', {}, svg('svg', {width: 18, height: 18, viewBox: '-9 -9 18 18', 'aria-hidden': 'true'}, sign(what, 6)), what));
    charts.append(make('h4', {}, spec.title), key, box,
                  save_buttons(spec.title, () => 'series-' + (selected < 0 ? 'all' : data.hosts[selected]) + '-' + n, () => drawing(spec, 720, 260),
                               () => [['interval'].concat(spec.lines.map((l) => l.name + (spec.unit === '%' ? '_percent' : '')))].concat(spec.x.map((i) => [i].concat(spec.lines.map((l) => l.values[i]))))));
    return window.uPlot ? uplot_chart(spec, box) : plain_chart(spec, box);
  });
}

function show_reading() {
  if (selected < 0) {
    reading.textContent = `Interval ${at}, all hosts: CPU ${share(series.cpu_mean[at])}, RAM ${share(series.ram_mean[at])}, ` +
      `${series.hosts_faulty[at]} with an injected fault, ` +
      (series.hosts_labelled[at] == null ? '' : `${series.hosts_labelled[at]} labelled faulty, `) + `${series.active[at]} tasks active, ${series.queued[at]} queued.`;
    return;
  }
  const i = cell(selected, at), parts = [`Interval ${at}, ${data.hosts[selected]}: CPU ${share(col.cpu[i])}, RAM ${share(col.ram[i])}, ${col.tasks[i]} tasks`];
  if (judged && col.score[i] !== null) parts.push(`score ${col.score[i]}, threshold ${col.threshold[i] === null ? 'none yet' : col.threshold[i]}`);
  const kinds = kinds_of(selected, at);
  parts.push(kinds.length ? 'injected ' + kinds.join(' and ') : 'no fault injected');
  if (alarm(selected, at)) parts.push(alarm(selected, at));
  reading.textContent = parts.join(', ') + '.';
}

// ---- notes of the policy ------------------------------------------------------------------------

const notes = make('pre');
const notes_box = make('details', {class: 'rp-notes'}, make('summary', {}, 'What the policy says in this interval'), notes);
function show_notes() {
  if (!data.notes || !notes_box.open) return;
  const lines = [];
  data.notes.time_s.forEach((time, i) => {
    if (time >= begin(at) && (time < data.end_s[at] || (at === N - 1 && time <= data.end_s[at])))
      lines.push((data.notes.lei[i] >= 0 ? data.leis[data.notes.lei[i]] + ': ' : '') + data.notes.note[i]);
  });
  notes.textContent = lines.length ? lines.join('\n') : 'nothing';
}
notes_box.addEventListener('toggle', show_notes);

// ---- together -----------------------------------------------------------------------------------

function show() {
  slider.value = at;
  const text = summary_text();
  slider.setAttribute('aria-valuetext', `interval ${at}, ${clock(begin(at))} to ${clock(data.end_s[at])}`);
  now.textContent = `interval ${at} of 0 to ${N - 1} \u00b7 ${clock(begin(at))}`;
  summary.textContent = text;
  strip_at();
  if (H) { show_hosts(); show_moves(); }
  for (const chart of drawn) chart.at();
  show_reading();
  show_notes();
  app.dataset.at = at;
}

let glide = 0; // of the moves, after a single step
function go(to) {
  to = Math.min(N - 1, Math.max(0, to));
  if (to === at) return;
  at = to;
  within = 1;
  cancelAnimationFrame(glide);
  if (!playing && !calm.matches && H) {
    const first = performance.now();
    within = 0;
    const step = (time) => {
      within = Math.min(1, Math.max(0, (time - first) / 700));
      place_dots();
      if (within < 1 && !playing) glide = requestAnimationFrame(step);
    };
    glide = requestAnimationFrame(step);
  }
  show();
}
function choose(host) {
  selected = host;
  choice.value = host;
  if (host >= 0 && places[host] && places[roving]) {
    places[roving].group.setAttribute('tabindex', -1);
    roving = host;
    places[host].group.setAttribute('tabindex', 0);
  }
  draw_charts();
  if (H) { show_hosts(); show_moves(); }
  show_reading();
  app.dataset.host = host;
}

let frame = 0, stepped = 0;
function toggle() {
  playing = !playing;
  play.textContent = playing ? 'Pause' : 'Play';
  play.setAttribute('aria-pressed', playing);
  summary.setAttribute('aria-live', playing ? 'off' : 'polite'); // no reader keeps up with the film
  cancelAnimationFrame(frame);
  cancelAnimationFrame(glide);
  if (!playing) { within = 1; if (H) place_dots(); show(); return; }
  if (at === N - 1) { at = 0; show(); }
  stepped = performance.now();
  const run = (time) => {
    if (!playing) return;
    const length = 1000 / Number(speed.value);
    if (time - stepped >= length) {
      stepped = time;
      if (at === N - 1) { toggle(); return; }
      within = calm.matches ? 1 : 0;
      at += 1;
      show();
    }
    if (!calm.matches && H) { within = Math.min(1, Math.max(0, (time - stepped) / length)); place_dots(); }
    frame = requestAnimationFrame(run);
  };
  frame = requestAnimationFrame(run);
}
play.addEventListener('click', toggle);
back.addEventListener('click', () => go(at - 1));
next.addEventListener('click', () => go(at + 1));
event_button.addEventListener('click', () => {
  const busy = (i) => [counts.fault[i], counts['false alarm'][i], counts['true alarm'][i]].some((n) => n > 0);
  const begins = (i) => ['fault', 'true alarm', 'false alarm', 'missed'].some((what) => counts[what][i] > (i ? counts[what][i - 1] : 0));
  for (let step = 1; step <= N; ++step) {
    const i = (at + step) % N;
    if (busy(i) && begins(i)) { go(i); return; }
  }
});
slider.addEventListener('input', () => go(Number(slider.value)));
slider.addEventListener('keydown', (e) => {
  if (e.key === ' ') { toggle(); e.preventDefault(); }
});
choice.addEventListener('change', () => choose(Number(choice.value)));

if (H) {
  app.append(legend(), map_box, make('h3', {class: 'rp-small'}, 'Tasks that move in this interval'), moves,
             save_buttons('The federation', () => 'federation-' + at, () => map,
                          () => [['interval', 'host', 'lei', 'broker', 'cpu_percent', 'ram_percent', 'tasks', 'fault_kinds', 'score', 'threshold', 'alarm']].concat(
                            data.hosts.map((name, host) => {
                              const i = cell(host, at);
                              return [at, name, data.leis[col.lei[i]], col.broker[i], col.cpu[i] === null ? null : col.cpu[i] / 10, col.ram[i] === null ? null : col.ram[i] / 10, col.tasks[i],
                                      kinds_of(host, at).join(' '), col.score ? col.score[i] : null, col.threshold ? col.threshold[i] : null, alarm(host, at)];
                            }))));
}
app.append(make('h3', {}, H ? 'A host over time' : 'The federation over time'));
if (H) app.append(make('div', {class: 'rp-choose'}, make('label', {for: 'replay-host'}, 'Host', choice), make('span', {class: 'rp-help'}, 'or choose one in the drawing')));
app.append(reading, charts);
if (data.notes) app.append(notes_box);

if (H) draw_map();
// The host with most faulty intervals is the most telling one to begin with.
if (H && col.codes) {
  let best = -1, most = 0;
  for (let host = 0; host < H; ++host) {
    let n = 0;
    for (let i = 0; i < N; ++i) if (faulty(host, i)) ++n;
    if (n > most) { most = n; best = host; }
  }
  selected = best;
  choice.value = best;
}
draw_charts();
draw_strip();
show();
app.dataset.host = selected;
app.dataset.ready = 'yes';

let width = app.clientWidth;
new ResizeObserver(() => {
  if (app.clientWidth === width) return;
  width = app.clientWidth;
  if (H) { draw_map(); show_hosts(); show_moves(); }
  draw_strip();
  for (const chart of drawn) chart.size();
}).observe(app);
dark.addEventListener('change', () => { draw_charts(); });
})();
