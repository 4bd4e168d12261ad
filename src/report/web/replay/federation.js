// The federation by LEI: hosts, moves, the legend.

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
    const words = [data.hosts[host], broker ? 'broker' : 'worker', off ? 'off' : 'CPU ' + share(cpu), col.tasks[i] + (col.tasks[i] === 1 ? ' task' : ' tasks')];
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
    if (tasks && tasks.arrived[i]) parts.push('+' + tasks.arrived[i] + (tasks.arrived[i] === 1 ? ' task' : ' tasks'));
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
