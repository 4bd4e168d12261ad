/// The federation's graph: hosts as vertices, an edge for whoever speaks to whom. A worker speaks to
/// the broker of its LEI, a broker to its workers and to its peers. Roles change while a run lasts,
/// and the graph with them.
#pragma once

#include "core/ids.hpp"
#include "core/units.hpp"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace lair {

struct Federation;
class Observation;

/// Which brokers exchange reports and watch one another.
struct PeerRule {
  unsigned all_up_to = 32; ///< LEIs; above, only neighbours on a ring of LEIs
  unsigned nearest = 8;    ///< of those, half on either side
};

class Topology {
public:
  /// What one end can send the other, either way; without other traffic.
  struct Link {
    BytesPerSecond bandwidth;
    Seconds latency; ///< one way
    bool operator==(const Link&) const = default;
  };
  struct Host {
    HostId id;
    LeiId lei;
    BytesPerSecond nic;
    Seconds lan_latency; ///< to its gateway
  };
  struct Lei {
    LeiId id;
    HostId broker;               ///< none while it has none
    std::vector<HostId> members; ///< brokers included, ascending
    std::vector<LeiId> peers;    ///< ascending; the relation is symmetric
    BytesPerSecond wan_bandwidth;
    Seconds wan_latency; ///< from its gateway into the WAN
  };
  using Edge = std::pair<std::uint32_t, std::uint32_t>;

  Topology(const Federation&, const PeerRule&);
  /// As one broker knows it: the hosts it has heard of, the LEIs it knows, all of them peers of one
  /// another. Latencies inside a LAN are not observed and count as 0.
  explicit Topology(const Observation&);
  Topology(const Topology&);
  Topology(Topology&&) noexcept;
  Topology& operator=(Topology) noexcept;
  ~Topology();

  /// Ascending by id. A host's index in this list is its row in whatever is computed per vertex.
  const std::vector<Host>& hosts() const { return hosts_; }
  std::uint32_t index(HostId) const;
  bool knows(HostId id) const { return id.index() < host_row_.size() && host_row_[id.index()] != none; }
  const std::vector<Lei>& leis() const { return leis_; } ///< ascending by id
  const Lei& lei(LeiId) const;
  const Host& host(HostId id) const { return hosts_[index(id)]; }

  LeiId lei_of(HostId id) const { return host(id).lei; }
  HostId broker(LeiId id) const { return lei(id).broker; }
  bool is_broker(HostId id) const { return broker(lei_of(id)) == id; }
  const std::vector<HostId>& members(LeiId id) const { return lei(id).members; }
  const std::vector<LeiId>& peers(LeiId id) const { return lei(id).peers; }
  bool are_peers(LeiId, LeiId) const;

  /// Ascending. Of a broker: its workers and its peers' brokers; of a worker: its broker, if any.
  std::vector<HostId> neighbours(HostId) const;
  /// Fewest hops, both ends included; of equally short ones the one over the lowest ids. From worker
  /// to worker: worker, broker, (brokers,) worker. Empty if there is none.
  std::vector<HostId> path(HostId from, HostId to) const;
  /// Indices of both ends, the lower first, ascending: what a graph convolution wants.
  std::vector<Edge> edges() const;
  /// Of two neighbours.
  Link link(HostId, HostId) const;
  /// From gateway to gateway over the WAN.
  Link wan(LeiId, LeiId) const;

  /// A member becomes its LEI's broker, or (none) the LEI has none: its hosts then stand alone.
  void set_broker(LeiId, HostId);
  /// A host joins another LEI as a worker. It must not be a broker.
  void move_host(HostId, LeiId);

private:
  struct Graph; // Boost's, which nobody else needs to compile
  static constexpr std::uint32_t none = 0xffffffff;
  void index_rows();
  void connect_all();
  void connect(HostId, HostId);
  void connect_broker(const Lei&);
  Lei& lei_at(LeiId);

  std::vector<Host> hosts_;
  std::vector<Lei> leis_;
  std::vector<std::uint32_t> host_row_, lei_row_; ///< by id
  std::unique_ptr<Graph> graph_;
};

} // namespace lair
