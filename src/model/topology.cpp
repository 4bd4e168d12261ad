#include "model/topology.hpp"

#include "core/error.hpp"
#include "model/federation.hpp"

#include <lair/policy.hpp>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>

#include <algorithm>
#include <numeric>

namespace lair {

// Edges in sets: neighbours come in ascending order, and no pair has two.
struct Topology::Graph {
  using Type = boost::adjacency_list<boost::setS, boost::vecS, boost::undirectedS,
                                     boost::no_property, Link>;
  Type type;
};

namespace {

template <class Row, class Of>
std::vector<std::uint32_t> rows_by_id(const std::vector<Row>& rows, std::uint32_t none, Of&& id_of) {
  std::vector<std::uint32_t> table;
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    const auto id = id_of(rows[i]).index();
    if (id >= table.size()) table.resize(id + 1, none);
    table[id] = i;
  }
  return table;
}

/// Thrown out of a search that has found what it was for.
struct Found {};

struct Search : boost::default_bfs_visitor {
  std::size_t target;
  std::size_t* before; ///< per vertex: where it was reached from
  Search(std::size_t to, std::size_t* b) : target(to), before(b) {}
  template <class Edge, class G> void tree_edge(Edge e, const G& graph) const {
    before[boost::target(e, graph)] = boost::source(e, graph);
  }
  template <class Vertex, class G> void discover_vertex(Vertex v, const G&) const {
    if (v == target) throw Found{};
  }
};

} // namespace

Topology::Topology(const Federation& federation, const PeerRule& rule) {
  for (std::uint32_t i = 0; i < federation.hosts.size(); ++i) {
    const HostDescription& h = federation.hosts[i];
    hosts_.push_back({HostId(i), h.lei, h.spec.nic, h.spec.lan_latency});
  }
  const auto count = static_cast<std::uint32_t>(federation.leis.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const LeiDescription& l = federation.leis[i];
    leis_.push_back({LeiId(i), l.broker, l.hosts, {}, l.wan_bandwidth, l.wan_latency});
    std::vector<LeiId>& peers = leis_.back().peers;
    // Neighbours on a ring of LEIs. By latency a_i + a_j everybody's nearest would be the same few.
    // Half way round are all of them, from both sides.
    const std::uint32_t each = count > rule.all_up_to ? std::min(rule.nearest, count) / 2 : count / 2;
    for (std::uint32_t d = 1; d <= each; ++d)
      peers.insert(peers.end(), {LeiId((i + d) % count), LeiId((i + count - d) % count)});
    std::sort(peers.begin(), peers.end());
    peers.erase(std::unique(peers.begin(), peers.end()), peers.end());
  }
  index_rows();
  connect_all();
}

Topology::Topology(const Observation& seen) {
  for (const lair_host& h : seen.hosts())
    hosts_.push_back({HostId(h.id), LeiId(h.lei), BytesPerSecond(h.nic), Seconds{}});
  std::sort(hosts_.begin(), hosts_.end(), [](auto& a, auto& b) { return a.id < b.id; });
  for (const lair_lei& l : seen.leis())
    leis_.push_back({LeiId(l.id), HostId(l.broker), {}, {}, BytesPerSecond(l.wan_bandwidth),
                     Seconds(l.wan_latency)});
  std::sort(leis_.begin(), leis_.end(), [](auto& a, auto& b) { return a.id < b.id; });
  index_rows();
  for (const Host& h : hosts_) {
    LAIR_ASSERT(h.lei.index() < lei_row_.size() && lei_row_[h.lei.index()] != none,
                "an observation shows a host of a LEI that it does not show");
    lei_at(h.lei).members.push_back(h.id);
  }
  for (Lei& l : leis_) {
    // A broker that has never reported is known by its number only.
    if (l.broker.valid() && (!knows(l.broker) || lei_of(l.broker) != l.id)) l.broker = HostId{};
    for (const Lei& other : leis_)
      if (other.id != l.id) l.peers.push_back(other.id);
  }
  connect_all();
}

Topology::Topology(const Topology& other)
    : hosts_(other.hosts_), leis_(other.leis_), host_row_(other.host_row_),
      lei_row_(other.lei_row_), graph_(std::make_unique<Graph>(*other.graph_)) {}
Topology::Topology(Topology&&) noexcept = default;
Topology& Topology::operator=(Topology other) noexcept {
  hosts_.swap(other.hosts_);
  leis_.swap(other.leis_);
  host_row_.swap(other.host_row_);
  lei_row_.swap(other.lei_row_);
  graph_.swap(other.graph_);
  return *this;
}
Topology::~Topology() = default;

void Topology::index_rows() {
  host_row_ = rows_by_id(hosts_, none, [](const Host& h) { return h.id; });
  lei_row_ = rows_by_id(leis_, none, [](const Lei& l) { return l.id; });
}

std::uint32_t Topology::index(HostId id) const {
  LAIR_ASSERT(knows(id), "a host that is not in the topology");
  return host_row_[id.index()];
}

const Topology::Lei& Topology::lei(LeiId id) const {
  LAIR_ASSERT(id.index() < lei_row_.size() && lei_row_[id.index()] != none,
              "a LEI that is not in the topology");
  return leis_[lei_row_[id.index()]];
}

Topology::Lei& Topology::lei_at(LeiId id) { return const_cast<Lei&>(std::as_const(*this).lei(id)); }

bool Topology::are_peers(LeiId a, LeiId b) const {
  const std::vector<LeiId>& all = peers(a);
  return std::binary_search(all.begin(), all.end(), b);
}

Topology::Link Topology::wan(LeiId from, LeiId to) const {
  const Lei &a = lei(from), &b = lei(to);
  return {std::min(a.wan_bandwidth, b.wan_bandwidth), a.wan_latency + b.wan_latency};
}

void Topology::connect_all() {
  graph_ = std::make_unique<Graph>();
  graph_->type = Graph::Type(hosts_.size());
  for (const Lei& l : leis_) connect_broker(l);
}

void Topology::connect(HostId a, HostId b) {
  const Host &x = host(a), &y = host(b);
  Link between{std::min(x.nic, y.nic), x.lan_latency + y.lan_latency};
  if (x.lei != y.lei) {
    const Link far = wan(x.lei, y.lei);
    between = {std::min(between.bandwidth, far.bandwidth), between.latency + far.latency};
  }
  boost::add_edge(index(a), index(b), between, graph_->type);
}

void Topology::connect_broker(const Lei& l) {
  if (!l.broker.valid()) return;
  for (const HostId id : l.members)
    if (id != l.broker) connect(l.broker, id);
  for (const LeiId peer : l.peers)
    if (const HostId other = broker(peer); other.valid()) connect(l.broker, other);
}

std::vector<HostId> Topology::neighbours(HostId id) const {
  std::vector<HostId> all;
  const auto [begin, end] = boost::adjacent_vertices(index(id), graph_->type);
  for (auto v = begin; v != end; ++v) all.push_back(hosts_[*v].id);
  return all;
}

std::vector<HostId> Topology::path(HostId from, HostId to) const {
  const std::size_t first = index(from), last = index(to);
  std::vector<std::size_t> before(hosts_.size());
  std::iota(before.begin(), before.end(), std::size_t(0));
  try {
    boost::breadth_first_search(graph_->type, first,
                                boost::visitor(Search(last, before.data())));
  } catch (const Found&) {
  }
  if (first != last && before[last] == last) return {};
  std::vector<HostId> hops{to};
  for (std::size_t v = last; v != first; v = before[v]) hops.push_back(hosts_[before[v]].id);
  std::reverse(hops.begin(), hops.end());
  return hops;
}

std::vector<Topology::Edge> Topology::edges() const {
  std::vector<Edge> all;
  const auto [begin, end] = boost::edges(graph_->type);
  for (auto e = begin; e != end; ++e) {
    const auto a = static_cast<std::uint32_t>(boost::source(*e, graph_->type));
    const auto b = static_cast<std::uint32_t>(boost::target(*e, graph_->type));
    all.push_back(std::minmax(a, b));
  }
  std::sort(all.begin(), all.end());
  return all;
}

Topology::Link Topology::link(HostId a, HostId b) const {
  const auto [edge, found] = boost::edge(index(a), index(b), graph_->type);
  LAIR_ASSERT(found, "a link between hosts that are no neighbours");
  return graph_->type[edge];
}

void Topology::set_broker(LeiId id, HostId broker) {
  Lei& l = lei_at(id);
  LAIR_ASSERT(!broker.valid() || lei_of(broker) == id, "a broker of another LEI");
  if (l.broker == broker) return;
  if (l.broker.valid()) boost::clear_vertex(index(l.broker), graph_->type);
  l.broker = broker;
  connect_broker(l);
}

void Topology::move_host(HostId id, LeiId to) {
  LAIR_ASSERT(!is_broker(id), "a broker cannot move");
  Host& h = hosts_[index(id)];
  std::erase(lei_at(h.lei).members, id);
  boost::clear_vertex(index(id), graph_->type);
  Lei& l = lei_at(to);
  l.members.insert(std::lower_bound(l.members.begin(), l.members.end(), id), id);
  h.lei = to;
  if (l.broker.valid()) connect(l.broker, id);
}

} // namespace lair
