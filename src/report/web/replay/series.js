// Series over time below: uPlot, or plain SVG without it.

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
  const i = cell(selected, at), parts = [`Interval ${at}, ${data.hosts[selected]}: CPU ${share(col.cpu[i])}, RAM ${share(col.ram[i])}, ${col.tasks[i]} ${col.tasks[i] === 1 ? 'task' : 'tasks'}`];
  if (judged && col.score[i] !== null) parts.push(`score ${col.score[i]}, threshold ${col.threshold[i] === null ? 'none yet' : col.threshold[i]}`);
  const kinds = kinds_of(selected, at);
  parts.push(kinds.length ? 'injected ' + kinds.join(' and ') : 'no fault injected');
  if (alarm(selected, at)) parts.push(alarm(selected, at));
  reading.textContent = parts.join(', ') + '.';
}
