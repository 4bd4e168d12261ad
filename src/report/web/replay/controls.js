// What is chosen, the slider and its buttons, the strip of events, the sentence of an interval.

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
