/// Stage 1 of the twin: cards and links shared in time by all transfers of a decision.
///
/// Transfers that can meet are collected into groups and each group is played through its events.
/// The arithmetic of one transfer depends on those it meets only, never on what else is in the
/// group, so that any split of a decision into groups gives the same bits.
#include "twin/tables.hpp"

#include <algorithm>

namespace lair::twin {

namespace {

/// What one transfer gets of a link beside `flows` that together can take `most`.
double beside_flood(double width, double flows, double most) {
  return std::max(width / (1 + flows), width - most);
}

} // namespace

void TransferRun::reserve(std::uint32_t hosts, std::uint32_t tasks, std::uint32_t leis) {
  const std::size_t flows = std::size_t(hosts) + tasks;
  if (flows_.size() < flows) {
    flows_.resize(flows);
    flow_mark_.resize(flows, 0);
    live_.resize(flows);
    net_.resize(flows);
    playing_.resize(flows);
  }
  if (row_mark_.size() < hosts) {
    row_mark_.resize(hosts, 0);
    card_users_.resize(hosts, 0);
    stack_.resize(hosts);
  }
  const std::size_t links = 2 * (std::size_t(hosts) + leis);
  if (link_left_.size() < links) {
    link_left_.resize(links);
    link_users_.resize(links, 0);
    used_links_.resize(links);
  }
}

void TransferRun::begin_group() {
  ++epoch_;
  if (epoch_ == 0) { // wrapped around
    std::fill(row_mark_.begin(), row_mark_.end(), 0);
    std::fill(flow_mark_.begin(), flow_mark_.end(), 0);
    epoch_ = 1;
  }
  count_ = depth_ = 0;
  want_crossing_ = took_crossing_ = false;
}

void TransferRun::add_row(std::uint32_t row) {
  if (row == none || row_mark_[row] == epoch_) return;
  row_mark_[row] = epoch_;
  stack_[depth_++] = row;
}

void TransferRun::collect(const Tables& tables, std::uint32_t flow) {
  if (flow_mark_[flow] == epoch_) return;
  flow_mark_[flow] = epoch_;
  flows_[count_++] = flow;
  if (flow >= tables.task_count) {
    const Row& row = tables.rows[flow - tables.task_count];
    add_row(flow - tables.task_count);
    add_row(row.image_source);
    if (row.image_source != none && tables.rows[row.image_source].lei != row.lei)
      want_crossing_ = true;
    return;
  }
  const Task& task = tables.tasks[flow];
  add_row(task.home);
  add_row(task.target);
  if (tables.crosses(task)) want_crossing_ = true;
}

void TransferRun::close_group(const Tables& tables) {
  for (;;) {
    while (depth_ > 0) {
      const std::uint32_t r = stack_[--depth_];
      const Row& row = tables.rows[r];
      for (std::uint32_t k = 0; k < row.resident_count; ++k) {
        const std::uint32_t i = tables.residents[row.resident_first + k];
        const Kind kind = tables.tasks[i].kind;
        if (kind == Kind::moving || kind == Kind::arriving) collect(tables, i);
      }
      for (std::uint32_t i = row.incoming; i != none; i = tables.tasks[i].next) collect(tables, i);
      if (row.fetching) collect(tables, tables.fetch_flow(r));
      for (std::uint32_t k = 0; k < tables.fetcher_count; ++k)
        if (tables.rows[tables.fetchers[k]].image_source == r)
          collect(tables, tables.fetch_flow(tables.fetchers[k]));
    }
    if (!want_crossing_ || took_crossing_) break;
    took_crossing_ = true;
    for (std::uint32_t k = 0; k < tables.crossing_count; ++k) collect(tables, tables.crossing[k]);
    for (std::uint32_t k = 0; k < tables.fetcher_count; ++k) {
      const Row& row = tables.rows[tables.fetchers[k]];
      if (row.image_source != none && tables.rows[row.image_source].lei != row.lei)
        collect(tables, tables.fetch_flow(tables.fetchers[k]));
    }
  }
  if (count_ > 1) std::sort(flows_.begin(), flows_.begin() + count_);
}

/// What a transfer is and in which stage it stands at the beginning of the interval.
bool TransferRun::describe(const Tables& tables, std::uint32_t flow, Live& live) const {
  live = Live{};
  live.flow = flow;
  Stage first = Stage::send;
  bool underway = false, fresh = false;
  std::uint32_t from_lei = none;
  if (flow >= tables.task_count) {
    live.target = flow - tables.task_count;
    const Row& row = tables.rows[live.target];
    live.source = row.image_source;
    from_lei = live.source != none ? tables.rows[live.source].lei : row.lei;
    live.fetch = true;
    live.net_bytes = tables.image_transfer;
    live.card_bytes = tables.image_size;
    underway = row.image_underway;
  } else {
    const Task& task = tables.tasks[flow];
    live.target = task.target;
    switch (task.kind) {
    case Kind::moving:
      live.source = task.home;
      from_lei = tables.rows[task.home].lei;
      live.net_bytes = live.card_bytes = task.resident;
      live.reads_back = true;
      first = tables.rows[live.target].fetching ? Stage::held : Stage::source_write;
      break;
    case Kind::arriving:
      live.source = task.home;
      if (task.home != none) from_lei = tables.rows[task.home].lei;
      live.net_bytes = live.card_bytes = task.resident;
      live.reads_back = underway = true;
      fresh = task.fresh;
      first = task.home == none ? Stage::send : Stage::source_write;
      break;
    case Kind::placed:
    case Kind::starting:
      from_lei = task.entry_lei;
      live.net_bytes = tables.apps[task.app].input;
      if (tables.rows[live.target].fetching)
        first = Stage::held;
      else
        underway = task.kind == Kind::starting;
      fresh = task.fresh;
      break;
    default: return false;
    }
  }
  const Row& to = tables.rows[live.target];
  live.cap = to.nic;
  live.latency = to.latency;
  if (live.source != none) {
    live.cap = std::min(live.cap, tables.rows[live.source].nic);
    live.latency += tables.rows[live.source].latency;
  }
  if (from_lei != none && from_lei != to.lei) {
    live.up_lei = from_lei;
    live.down_lei = to.lei;
    const Lei &up = tables.lei(from_lei), &down = tables.lei(to.lei);
    live.cap = std::min({live.cap, up.bandwidth, down.bandwidth});
    live.latency += up.latency + down.latency;
    if (down.flows > 0)
      live.cap = std::min(live.cap, beside_flood(down.bandwidth, down.flows, down.flood));
  }
  if (to.flooded)
    live.cap = std::min(live.cap, beside_flood(to.nic, flood_flows, tables.lei(to.lei).bandwidth));
  live.stage = first;
  if (underway) skip_elapsed(tables, live, fresh);
  return true;
}

/// What was under way when the interval began. Transfers begin with decisions, at the beginning of
/// intervals: one that takes longer than an interval has had one, of any other half is taken as
/// done. What another LEI sends may have begun with this interval's decision there.
void TransferRun::skip_elapsed(const Tables& tables, Live& live, bool fresh) const {
  const Row& to = tables.rows[live.target];
  double seconds[4] = {0, live.net_bytes / live.cap + live.latency, 0, 0};
  if (live.stage == Stage::source_write) {
    const Row& from = tables.rows[live.source];
    seconds[0] = live.card_bytes * (1 + from.streams) / from.disk_write;
  }
  if (live.card_bytes > 0) seconds[2] = live.card_bytes * (1 + to.streams) / to.disk_write;
  if (live.reads_back) seconds[3] = live.card_bytes * (1 + to.streams) / to.disk_read;
  const double all = seconds[0] + seconds[1] + seconds[2] + seconds[3];
  const double interval = tables.elapsed + tables.length;
  double elapsed = all > interval ? interval : fresh ? tables.elapsed : all / 2;
  constexpr Stage stages[] = {Stage::source_write, Stage::send, Stage::write, Stage::read};
  for (int k = 0; k < 4; ++k) {
    if (elapsed < seconds[k]) {
      live.stage = stages[k];
      live.first_left = 1 - elapsed / seconds[k];
      return;
    }
    elapsed -= seconds[k];
  }
}

void TransferRun::begin(Tables& tables, Live& live) const {
  Times& times = tables.times[live.flow];
  times = Times{};
  times.first_left = live.first_left;
  enter(tables, live, live.stage, 0, times);
  live.left *= live.first_left;
}

/// Begins a stage: the rate is set by the next sharing.
void TransferRun::enter(const Tables&, Live& live, Stage stage, double now, Times& times) const {
  live.stage = stage;
  live.since = now;
  live.rate = 0;
  live.end = never;
  switch (stage) {
  case Stage::source_write:
    times.start = now;
    live.left = live.card_bytes;
    break;
  case Stage::send:
    times.send_began = now;
    // The latency as bytes: exact alone on the route, within a latency otherwise.
    live.left = live.net_bytes + live.latency * live.cap;
    break;
  case Stage::write:
  case Stage::read: live.left = live.card_bytes; break;
  default: live.left = 0; break;
  }
}

/// Ends the current stage and begins the next.
void TransferRun::finish(const Tables& tables, Live& live, double now, Times& times) const {
  switch (live.stage) {
  case Stage::held:
    times.start = times.source_written = now;
    enter(tables, live, live.card_bytes > 0 ? Stage::source_write : Stage::send, now, times);
    return;
  case Stage::source_write:
    times.source_written = now;
    enter(tables, live, Stage::send, now, times);
    return;
  case Stage::send:
    times.sent = now;
    if (live.card_bytes > 0) {
      enter(tables, live, Stage::write, now, times);
      return;
    }
    times.written = now;
    break;
  case Stage::write:
    times.written = now;
    if (live.reads_back) {
      enter(tables, live, Stage::read, now, times);
      return;
    }
    break;
  default: break;
  }
  times.done = now;
  live.stage = Stage::done;
  live.end = never;
}

/// A transfer that meets no other: the same arithmetic as an event at a time.
void TransferRun::alone(Tables& tables, Live& live) const {
  begin(tables, live);
  Times& times = tables.times[live.flow];
  const Row& to = tables.rows[live.target];
  double now = 0;
  while (live.stage != Stage::done) {
    double rate = live.cap;
    if (live.stage == Stage::source_write) {
      const Row& from = tables.rows[live.source];
      rate = from.disk_write / (1 + from.streams);
    } else if (live.stage == Stage::write) {
      rate = to.disk_write / (1 + to.streams);
    } else if (live.stage == Stage::read) {
      rate = to.disk_read / (1 + to.streams);
    }
    now = now + live.left / rate;
    finish(tables, live, now, times);
  }
}

/// A rate that does not change leaves the transfer untouched, bit for bit.
void TransferRun::set_rate(Live& live, double rate, double now) const {
  if (rate == live.rate) return;
  live.left -= live.rate * (now - live.since);
  if (live.left < 0) live.left = 0;
  live.since = now;
  live.rate = rate;
  live.end = now + live.left / rate;
}

void TransferRun::share_cards(const Tables& tables, double now) {
  for (std::uint32_t k = 0; k < live_count_; ++k) {
    const Live& live = live_[playing_[k]];
    if (live.stage == Stage::source_write) ++card_users_[live.source];
    if (live.stage == Stage::write || live.stage == Stage::read) ++card_users_[live.target];
  }
  for (std::uint32_t k = 0; k < live_count_; ++k) {
    Live& live = live_[playing_[k]];
    if (live.stage == Stage::source_write) {
      const Row& row = tables.rows[live.source];
      set_rate(live, row.disk_write / (card_users_[live.source] + row.streams), now);
    } else if (live.stage == Stage::write || live.stage == Stage::read) {
      const Row& row = tables.rows[live.target];
      const double speed = live.stage == Stage::write ? row.disk_write : row.disk_read;
      set_rate(live, speed / (card_users_[live.target] + row.streams), now);
    }
  }
  for (std::uint32_t k = 0; k < live_count_; ++k) {
    const Live& live = live_[playing_[k]];
    if (live.source != none) card_users_[live.source] = 0;
    card_users_[live.target] = 0;
  }
}

/// Links are numbered: into a host, out of a host, up from a LEI, down to a LEI.
void TransferRun::list_links(const Tables& tables, Live& live) const {
  const std::uint32_t rows = tables.row_count;
  const auto leis = static_cast<std::uint32_t>(tables.leis.size());
  live.link_count = 0;
  live.links[live.link_count++] = live.target;
  if (live.source != none) live.links[live.link_count++] = rows + live.source;
  if (live.up_lei < leis) live.links[live.link_count++] = 2 * rows + live.up_lei;
  if (live.down_lei < leis) live.links[live.link_count++] = 2 * rows + leis + live.down_lei;
}

double TransferRun::width(const Tables& tables, std::uint32_t link) const {
  const std::uint32_t rows = tables.row_count;
  const auto leis = static_cast<std::uint32_t>(tables.leis.size());
  if (link < rows) return tables.rows[link].nic;
  if (link < 2 * rows) return tables.rows[link - rows].nic;
  link -= 2 * rows;
  return tables.leis[link < leis ? link : link - leis].bandwidth;
}

/// Max-min by filling: the tightest link's transfers get its equal share, the rest goes on without.
void TransferRun::share_links(const Tables& tables, double now) {
  std::uint32_t sending = 0, used = 0;
  for (std::uint32_t k = 0; k < live_count_; ++k) {
    const Live& live = live_[playing_[k]];
    if (live.stage != Stage::send) continue;
    net_[sending++] = playing_[k];
    for (std::uint32_t n = live.link_count; n-- > 0;)
      if (const std::uint32_t link = live.links[n]; link_users_[link]++ == 0) {
        link_left_[link] = width(tables, link);
        used_links_[used++] = link;
      }
  }
  while (sending > 0) {
    double best = never;
    std::uint32_t tightest = none, left = 0;
    for (std::uint32_t l = 0; l < used; ++l) {
      const std::uint32_t link = used_links_[l];
      if (link_users_[link] == 0) continue;
      used_links_[left++] = link;
      if (const double part = link_left_[link] / link_users_[link]; part < best) {
        best = part;
        tightest = link;
      }
    }
    used = left;
    // A flood holds single transfers back further than the others do (only a flood can).
    std::uint32_t held_back = none;
    for (std::uint32_t k = 0; k < sending; ++k)
      if (const double cap = live_[net_[k]].cap; cap < best) {
        best = cap;
        held_back = net_[k];
      }
    std::uint32_t rest = 0;
    for (std::uint32_t k = 0; k < sending; ++k) {
      Live& live = live_[net_[k]];
      const std::uint32_t *begin = live.links, *end = begin + live.link_count;
      const bool bound =
          held_back != none ? net_[k] == held_back : std::find(begin, end, tightest) != end;
      if (!bound) {
        net_[rest++] = net_[k];
        continue;
      }
      set_rate(live, best, now);
      for (const std::uint32_t* link = begin; link != end; ++link) {
        link_left_[*link] = std::max(0.0, link_left_[*link] - best);
        --link_users_[*link];
      }
    }
    sending = rest;
  }
}

void TransferRun::run(Tables& tables) {
  if (count_ == 0) return;
  if (count_ == 1) {
    if (describe(tables, flows_[0], live_[0])) alone(tables, live_[0]);
    return;
  }
  live_count_ = 0;
  for (std::uint32_t k = 0; k < count_; ++k) {
    describe(tables, flows_[k], live_[k]);
    list_links(tables, live_[k]);
    begin(tables, live_[k]);
    if (live_[k].stage != Stage::done) playing_[live_count_++] = k;
  }
  // Who shares with whom changes only with the stages; all other rates stay as they are.
  bool at_cards = true, on_links = true;
  const auto step = [&](Live& live, double now) {
    const Stage before = live.stage;
    finish(tables, live, now, tables.times[live.flow]);
    for (const Stage stage : {before, live.stage}) {
      on_links |= stage == Stage::send;
      at_cards |= stage == Stage::source_write || stage == Stage::write || stage == Stage::read;
    }
  };
  for (double now = 0;;) {
    if (at_cards) share_cards(tables, now);
    if (on_links) share_links(tables, now);
    at_cards = on_links = false;
    double next = never;
    for (std::uint32_t k = 0; k < live_count_; ++k)
      next = std::min(next, live_[playing_[k]].end);
    if (next == never) break;
    now = next;
    for (std::uint32_t k = 0; k < live_count_; ++k) {
      Live& live = live_[playing_[k]];
      if (live.end != now) continue;
      step(live, now);
      if (live.fetch && live.stage == Stage::done)
        for (std::uint32_t j = 0; j < live_count_; ++j)
          if (Live& other = live_[playing_[j]];
              other.stage == Stage::held && other.target == live.target)
            step(other, now);
    }
    std::uint32_t left = 0;
    for (std::uint32_t k = 0; k < live_count_; ++k)
      if (live_[playing_[k]].stage != Stage::done) playing_[left++] = playing_[k];
    live_count_ = left;
  }
}

void TransferRun::run_all(Tables& tables) {
  if (epoch_ > 0x7fffffffu) epoch_ = 0xffffffffu; // begin_group() then starts over
  begin_group();
  const std::uint32_t first = epoch_;
  for (std::uint32_t i = 0; i < tables.task_count; ++i) {
    if (tables.tasks[i].target == none || flow_mark_[i] >= first) continue;
    begin_group();
    add_row(tables.tasks[i].target);
    close_group(tables); // a fetch has at least one task that waits for it, so none is forgotten
    run(tables);
  }
}

} // namespace lair::twin
