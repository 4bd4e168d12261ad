// The replay of a run: data from #replay-data, drawn into #replay-app. No framework; uPlot for the
// series where the page has it. Every number shown is one of the result files'. The files of this folder
// are one script, in the order of src/report/CMakeLists.txt, inside one function (replay.cpp).

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
