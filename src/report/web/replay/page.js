// Notes of the policy, and all parts together: moving through the intervals, keys, sizes.

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
