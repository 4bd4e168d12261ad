/// Stage 2 of the twin: one host over the interval, from completion to completion.
#include "twin/tables.hpp"

#include "model/contention.hpp"

#include <algorithm>

namespace lair::twin {
namespace {

/// How much of [begin, end] lies in [0, length].
double part(double begin, double end, double length) {
  if (!(end > begin) || begin >= length) return 0;
  return end <= length ? 1 : (length - begin) / (end - begin);
}

/// Shares of a transfer's stages that fall into the interval.
struct Moved {
  double source_write = 0, send = 0, write = 0, read = 0;
  Moved(const Times& t, double length) {
    double left = t.first_left; // of the first stage; the others are whole
    const auto stage = [&](double begin, double end) {
      if (!(end > begin)) return 0.0;
      const double share = left * part(begin, end, length);
      left = 1;
      return share;
    };
    source_write = stage(t.start, t.source_written);
    send = stage(t.send_began, t.sent);
    write = stage(t.sent, t.written);
    read = stage(t.written, t.done);
  }
};

double overlap(double begin, double end, double length) {
  return std::max(0.0, std::min(end, length) - begin);
}

} // namespace

void HostRun::reserve(std::uint32_t tasks) {
  const std::size_t room = std::size_t(tasks) + 1; // one more for the unexplained load
  if (task_.size() >= room) return;
  for (auto* v : {&left_, &rate_, &rest_, &weight_, &bound_, &wait_, &compute_, &card_})
    v->resize(room);
  task_.resize(room);
  joins_.resize(room);
  freezes_.resize(room);
  card_spans_.resize(2 * room + 1);
  copies_.resize(room);
}

/// The result goes back over the gateway; it meets little there and is taken as alone.
void HostRun::conclude(const Tables& tables, const Row& row, std::uint32_t i, double computed,
                       HostResult& out, TaskEnd* ends) {
  const Task& task = tables.tasks[i];
  const double result = tables.apps[task.app].result;
  double width = row.nic, latency = row.latency;
  if (task.entry_lei != row.lei) {
    const Lei &up = tables.lei(row.lei), &down = tables.lei(task.entry_lei);
    width = std::min({width, up.bandwidth, down.bandwidth});
    latency += up.latency + down.latency;
  }
  double bytes = result;
  if (task.kind == Kind::returning) bytes /= 2; // half of it is taken to be there
  const double end = computed + latency + bytes / width;
  const bool finished = end <= tables.length;
  ends[i] = {end, finished};
  if (left_at_end_ != nullptr) left_at_end_[i] = 0;
  if (finished) results_out_ += bytes;
  if (task.further) return;
  out.outlook += std::min(end, farthest * tables.length);
  if (finished) {
    const double response = task.age + end;
    ++out.finished;
    out.response += response;
    out.violations += response > task.deadline;
  } else {
    out.violations += tables.late_waiting(task);
  }
}

/// compute_bounds() of contention.hpp with its parts that do not change looked up. Same arithmetic.
void HostRun::bounds(const Row& row, const Tables& tables, std::uint32_t n, double need,
                     double streams) {
  const Cell* cells = tables.cells.data() + row.cells; // none where no task is known
  if (!(streams > 0 || need > row.ram)) {
    for (std::uint32_t k = 0; k < n; ++k) {
      const Cell& cell = cells[tables.tasks[task_[k]].app];
      bound_[k] = cell.bound;
      wait_[k] = cell.wait;
    }
    return;
  }
  const double swapped = swapped_share(need, row.ram);
  double all = 0;
  for (std::uint32_t k = 0; k < n; ++k) {
    const Cell& cell = cells[tables.tasks[task_[k]].app];
    const double c = cell.compute;
    double d = cell.card;
    if (swapped > 0) d += swapped * cell.card_swap;
    compute_[k] = c;
    card_[k] = d;
    wait_[k] = d / (c + d);
  }
  for (int round = 0; round < contention_rounds; ++round) {
    bool moved = false;
    all = 0;
    for (std::uint32_t k = 0; k < n; ++k) all += wait_[k];
    for (std::uint32_t k = 0; k < n; ++k) {
      const double dn = card_[k] * (1 + streams + (all - wait_[k]));
      const double w = dn / (compute_[k] + dn);
      moved = moved || w != wait_[k];
      all += w - wait_[k];
      wait_[k] = w;
    }
    if (!moved) break; // every further round would give the same
  }
  for (std::uint32_t k = 0; k < n; ++k) {
    const double flops = tables.apps[tables.tasks[task_[k]].app].flops_per_image;
    bound_[k] = flops * (1 - wait_[k]) / compute_[k];
  }
}

void HostRun::begin(const Tables& tables, std::uint32_t i, double left) {
  const Task& task = tables.tasks[i];
  task_[active_] = i;
  left_[active_] = left;
  weight_[active_] = task.threads;
  ++active_;
}

/// CPU: max-min among all bounds, the unexplained threads among them.
double HostRun::share(const Row& row, std::uint32_t n) {
  double used = row.other_bound;
  for (std::uint32_t k = 0; k < n; ++k) used += bound_[k];
  rates_ = bound_.data();
  if (!(used > row.capacity)) return used;
  std::uint32_t all = n;
  if (row.other_threads > 0) {
    weight_[n] = row.other_threads;
    bound_[n] = row.other_bound;
    ++all;
  }
  share_cpu(row.capacity, {weight_.data(), all}, {bound_.data(), all}, {rate_.data(), all});
  rates_ = rate_.data();
  return row.capacity;
}

void HostRun::initial_rates(Tables& tables, std::uint32_t r) {
  const Row& row = tables.rows[r];
  active_ = 0;
  for (std::uint32_t k = 0; k < row.resident_count; ++k)
    if (const std::uint32_t i = tables.residents[row.resident_first + k];
        tables.tasks[i].kind == Kind::staying || tables.tasks[i].kind == Kind::moving)
      begin(tables, i, 0);
  bounds(row, tables, active_, row.need,
         row.streams + (row.need > row.ram ? row.touch_streams : 0));
  share(row, active_);
  for (std::uint32_t k = 0; k < active_; ++k) tables.tasks[task_[k]].rate = rates_[k];
}

void HostRun::run(const Tables& tables, std::uint32_t r, HostResult& out, double* state,
                  TaskEnd* ends) {
  const Row& row = tables.rows[r];
  const double length = tables.length;
  out = HostResult{};
  std::fill(state, state + LAIR_METRICS, 0.0);
  active_ = join_count_ = freeze_count_ = span_count_ = copy_count_ = 0;
  results_out_ = 0;

  if (!row.on) { // nothing on it goes on, and nothing new gets there
    for (std::uint32_t k = 0; k < row.resident_count; ++k) {
      const std::uint32_t i = tables.residents[row.resident_first + k];
      if (tables.computes_on(i) != r) continue;
      ends[i] = TaskEnd{};
      if (!tables.tasks[i].further) out.outlook += farthest * length;
      out.violations += tables.late_waiting(tables.tasks[i]);
    }
    for (std::uint32_t i = row.incoming; i != none; i = tables.tasks[i].next) {
      ends[i] = TaskEnd{};
      if (!tables.tasks[i].further) out.outlook += farthest * length;
      out.violations += tables.late_waiting(tables.tasks[i]);
    }
    out.energy = row.power.off * length;
    return;
  }

  double read = 0, write = 0, in = 0, sent = 0; // bytes of transfers within the interval
  const Cell* cells = tables.cells.data() + row.cells; // none where no task is known
  for (std::uint32_t k = 0; k < row.resident_count; ++k) {
    const std::uint32_t i = tables.residents[row.resident_first + k];
    const Task& task = tables.tasks[i];
    switch (task.kind) {
    case Kind::staying: begin(tables, i, task.left); break;
    case Kind::returning: conclude(tables, row, i, 0, out, ends); break;
    case Kind::moving:
    case Kind::arriving: {
      const Times& t = tables.times[i];
      if (tables.outruns(i)) {
        begin(tables, i, task.left);
        break;
      }
      if (t.start > 0) { // computes until it is frozen; its end is the target's matter
        begin(tables, i, never);
        freezes_[freeze_count_++] = {t.start, i};
      }
      const Moved moved(t, length);
      write += task.resident * moved.source_write;
      sent += task.resident * moved.send;
      card_spans_[span_count_++] = {t.start, t.source_written};
      copies_[copy_count_++] = {t.done, task.resident};
      break;
    }
    default: break;
    }
  }
  double need = row.need;
  for (std::uint32_t i = row.incoming; i != none; i = tables.tasks[i].next) {
    const Task& task = tables.tasks[i];
    const Times& t = tables.times[i];
    if ((task.kind == Kind::moving && !task.fixed) || task.kind == Kind::placed)
      need += task.resident;
    if (tables.outruns(i)) { // it ends at the source; then the reservation is given up
      copies_[copy_count_++] = {task.left / task.rate, task.resident};
      continue;
    }
    const Moved moved(t, length);
    if (task.kind == Kind::moving || task.kind == Kind::arriving) {
      in += task.resident * moved.send;
      write += task.resident * moved.write;
      read += task.resident * moved.read;
      card_spans_[span_count_++] = {t.sent, t.done};
    } else {
      in += tables.apps[task.app].input * moved.send;
    }
    if (task.kind == Kind::moving) out.migration += t.done - t.start;
    if (t.done < length) {
      std::uint32_t at = join_count_++;
      while (at > 0 && joins_[at - 1].time > t.done) {
        joins_[at] = joins_[at - 1];
        --at;
      }
      joins_[at] = {t.done, i};
    } else { // beyond the interval: as if it then had what it can use
      const double left = task.left - tables.left_behind(i);
      ends[i] = {t.done + std::max(0.0, left) / cells[task.app].bound, false};
      if (!task.further) out.outlook += std::min(ends[i].end, farthest * length);
      out.violations += tables.late_waiting(task);
    }
  }
  if (row.fetching) {
    const Times& t = tables.times[tables.fetch_flow(r)];
    const Moved moved(t, length);
    in += tables.image_transfer * moved.send;
    write += tables.image_size * moved.write;
    card_spans_[span_count_++] = {t.sent, t.written};
  }
  for (std::uint32_t k = 0; k < tables.fetcher_count; ++k)
    if (tables.rows[tables.fetchers[k]].image_source == r) {
      const Times& t = tables.times[tables.fetch_flow(tables.fetchers[k])];
      sent += tables.image_transfer * Moved(t, length).send;
    }

  state[LAIR_RAM] = need;
  if (row.streams > 0 || need > row.ram)
    loop<true>(tables, row, out, state, ends);
  else
    loop<false>(tables, row, out, state, ends);

  sent += results_out_;
  state[LAIR_ALIVE] = 1;
  state[LAIR_DISK_READ] += row.back_read;
  state[LAIR_DISK_WRITE] += row.back_write;
  state[LAIR_NET_IN] = row.back_in;
  state[LAIR_NET_OUT] = row.back_out;
  if (length > 0) {
    state[LAIR_DISK_READ] += read / length;
    state[LAIR_DISK_WRITE] += write / length;
    state[LAIR_NET_IN] += in / length;
    state[LAIR_NET_OUT] += sent / length;
  }
}

/// Forgets a freeze that is due.
bool HostRun::frozen(std::uint32_t task, double now) {
  for (std::uint32_t k = 0; k < freeze_count_; ++k)
    if (freezes_[k].task == task && freezes_[k].time <= now) {
      freezes_[k] = freezes_[--freeze_count_];
      return true;
    }
  return false;
}

/// state[LAIR_RAM] holds the bytes needed at the beginning; all other entries are still 0.
template <bool contended>
void HostRun::loop(const Tables& tables, const Row& row, HostResult& out, double* state,
                   TaskEnd* ends) {
  const double length = tables.length;
  const Cell* cells = tables.cells.data() + row.cells; // none where no task is known
  double need = state[LAIR_RAM];
  double now = 0, energy = 0, used_area = 0, thread_area = 0, need_area = 0, swap_area = 0;
  double wait_area = 0, read = 0, write = 0;
  std::uint32_t n = active_, joined = 0;
  bounds(row, tables, n, 0, 0);
  if constexpr (!contended) { // RAM changes nothing here: in closed form
    need_area = need * length;
    for (std::uint32_t k = 0; k < copy_count_; ++k)
      need_area -= copies_[k].bytes * overlap(copies_[k].until, length, length);
  }

  for (;;) {
    double streams = 0;
    if constexpr (contended) {
      for (std::uint32_t k = 0; k < copy_count_;) // copies that are given back
        if (copies_[k].until <= now) {
          need -= copies_[k].bytes;
          copies_[k] = copies_[--copy_count_];
        } else {
          ++k;
        }
      streams = row.streams;
      if (need > row.ram) streams += row.touch_streams;
      if (streams > 0 || need > row.ram)
        for (std::uint32_t k = 0; k < span_count_; ++k)
          streams += card_spans_[k].begin <= now && now < card_spans_[k].end;
      bounds(row, tables, n, need, streams);
    }

    const double used = share(row, n);
    const double* rate = rates_;

    double horizon = length;
    if (joined < join_count_ && joins_[joined].time < horizon) horizon = joins_[joined].time;
    for (std::uint32_t k = 0; k < freeze_count_; ++k) horizon = std::min(horizon, freezes_[k].time);
    if constexpr (contended) {
      for (std::uint32_t k = 0; k < copy_count_; ++k)
        horizon = std::min(horizon, copies_[k].until);
      for (std::uint32_t k = 0; k < span_count_; ++k) {
        if (card_spans_[k].begin > now) horizon = std::min(horizon, card_spans_[k].begin);
        if (card_spans_[k].end > now) horizon = std::min(horizon, card_spans_[k].end);
      }
    }
    double step = horizon - now;
    std::uint32_t ending = 0;
    for (std::uint32_t k = 0; k < n; ++k) {
      rest_[k] = left_[k] > 0 ? left_[k] / rate[k] : 0;
      if (rest_[k] <= step) {
        step = rest_[k];
        ++ending;
      }
    }

    energy += row.power.at(used / row.capacity).value * step;
    used_area += used * step;
    double swapped = 0;
    if constexpr (contended) {
      swapped = swapped_share(need, row.ram);
      need_area += std::min(need, row.ram) * step;
      swap_area += std::min(std::max(0.0, need - row.ram), row.swap) * step;
      if (row.streams > 0) { // each reads half of its time at the card and writes the other half
        const double device = row.streams / streams * step / 2;
        read += device * row.disk_read;
        write += device * row.disk_write;
      }
    }
    double threads = 0, waiting = 0;
    for (std::uint32_t k = 0; k < n; ++k) {
      const App& app = tables.apps[tables.tasks[task_[k]].app];
      threads += weight_[k];
      waiting += weight_[k] * wait_[k];
      const double flops = rate[k] * step;
      read += flops * app.read_per_flop;
      if constexpr (contended) {
        const double images = flops / app.flops_per_image;
        read += images * swapped * (app.weights + app.activations);
        write += images * swapped * app.activations;
      }
    }
    thread_area += (threads - waiting) * step;
    wait_area += waiting * step;

    const bool last = ending == 0 && horizon == length;
    if (last) {
      for (std::uint32_t k = 0; k < n; ++k) { // extrapolated at the last rate
        if (left_[k] == never) continue; // frozen beyond the interval: the target's matter
        const Task& task = tables.tasks[task_[k]];
        ends[task_[k]] = {now + rest_[k], false};
        if (!task.further) out.outlook += std::min(now + rest_[k], farthest * length);
        if (left_at_end_ != nullptr)
          left_at_end_[task_[k]] = std::max(0.0, left_[k] - rate[k] * step);
        out.violations += tables.late_waiting(task);
      }
      break;
    }
    const double later = ending == 0 ? horizon : now + step;
    std::uint32_t kept = 0;
    for (std::uint32_t k = 0; k < n; ++k) {
      // Equal tasks end together: rounding must not make slivers of time out of it.
      if (ending > 0 && rest_[k] - step <= 1e-9) {
        const std::uint32_t i = task_[k];
        conclude(tables, row, i, later, out, ends);
        if constexpr (contended)
          need -= tables.tasks[i].resident;
        else
          need_area -= tables.tasks[i].resident * (length - later);
        continue;
      }
      if (left_[k] == never && frozen(task_[k], later)) continue;
      task_[kept] = task_[k];
      left_[kept] = left_[k] - rate[k] * step;
      weight_[kept] = weight_[k];
      bound_[kept] = bound_[k];
      wait_[kept] = wait_[k];
      ++kept;
    }
    n = kept;
    now = later;
    for (; joined < join_count_ && joins_[joined].time <= now; ++joined) {
      const std::uint32_t i = joins_[joined].task;
      const Task& task = tables.tasks[i];
      task_[n] = i;
      left_[n] = std::max(0.0, task.left - tables.left_behind(i));
      weight_[n] = task.threads;
      bound_[n] = cells[task.app].bound;
      wait_[n] = cells[task.app].wait;
      ++n;
    }
  }

  out.energy = energy;
  if (!(length > 0)) return;
  state[LAIR_CPU] = used_area / (row.capacity * length);
  state[LAIR_CPU_PRESSURE] = (thread_area / length + row.other_threads) / row.cores;
  state[LAIR_RAM] = row.ram > 0 ? need_area / (row.ram * length) : 0;
  state[LAIR_SWAP] = row.swap > 0 ? swap_area / (row.swap * length) : 0;
  state[LAIR_DISK_READ] = read / length;
  state[LAIR_DISK_WRITE] = write / length;
  state[LAIR_IO_WAIT] = wait_area / length + row.streams;
}

} // namespace lair::twin
