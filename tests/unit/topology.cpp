// The federation's graph, held against graphs drawn by hand.
#include "model/topology.hpp"

#include "model/federation.hpp"
#include "model/observation.hpp"
#include "worlds.hpp"

#include <lair/policy.hpp>

#include <doctest/doctest.h>

#include <initializer_list>

using namespace lair;

namespace {

using Edges = std::vector<Topology::Edge>;

std::vector<HostId> hosts(std::initializer_list<std::uint32_t> ids) {
  std::vector<HostId> all;
  for (const auto id : ids) all.push_back(HostId(id));
  return all;
}

std::vector<LeiId> leis(std::initializer_list<std::uint32_t> ids) {
  std::vector<LeiId> all;
  for (const auto id : ids) all.push_back(LeiId(id));
  return all;
}

/// Brokers 0, 2, 5 with workers 1; 3, 4; none.
Topology three_leis() { return Topology(make_federation({2, 3, 1}), {}); }

Topology ring(unsigned count, unsigned nearest) {
  return Topology(make_federation(std::vector<unsigned>(count, 2)), {3, nearest});
}

} // namespace

TEST_CASE("workers are tied to their broker, brokers to one another") {
  const Topology t = three_leis();
  CHECK(t.edges() == Edges{{0, 1}, {0, 2}, {0, 5}, {2, 3}, {2, 4}, {2, 5}});
  CHECK(t.neighbours(HostId(0)) == hosts({1, 2, 5}));
  CHECK(t.neighbours(HostId(2)) == hosts({0, 3, 4, 5}));
  CHECK(t.neighbours(HostId(4)) == hosts({2}));
  CHECK(t.members(LeiId(1)) == hosts({2, 3, 4}));
  CHECK(t.peers(LeiId(1)) == leis({0, 2}));
  CHECK(t.is_broker(HostId(5)));
  CHECK_FALSE(t.is_broker(HostId(3)));
  CHECK(t.hosts().size() == 6);
}

TEST_CASE("a path leads over the brokers") {
  const Topology t = three_leis();
  CHECK(t.path(HostId(3), HostId(4)) == hosts({3, 2, 4}));
  CHECK(t.path(HostId(1), HostId(4)) == hosts({1, 0, 2, 4}));
  CHECK(t.path(HostId(4), HostId(1)) == hosts({4, 2, 0, 1}));
  CHECK(t.path(HostId(5), HostId(5)) == hosts({5}));
  CHECK(t.path(HostId(0), HostId(1)) == hosts({0, 1}));
}

TEST_CASE("above so many LEIs, peers are neighbours on a ring") {
  const Topology t = ring(6, 2);
  CHECK(t.peers(LeiId(0)) == leis({1, 5}));
  CHECK(t.peers(LeiId(3)) == leis({2, 4}));
  CHECK(t.are_peers(LeiId(5), LeiId(0)));
  CHECK_FALSE(t.are_peers(LeiId(0), LeiId(2)));
  // Brokers are 0, 2, ..., 10. Two ways round are equally long: the one over lower ids is taken.
  CHECK(t.path(HostId(1), HostId(7)) == hosts({1, 0, 2, 4, 6, 7}));
  CHECK(t.path(HostId(1), HostId(9)) == hosts({1, 0, 10, 8, 9}));
}

TEST_CASE("a ring shorter than its rule has everybody once, and nobody as his own peer") {
  for (const unsigned count : {4u, 5u, 8u, 9u}) {
    const Topology t = ring(count, 1000);
    for (const Topology::Lei& lei : t.leis()) {
      CHECK(lei.peers.size() == count - 1);
      CHECK_FALSE(t.are_peers(lei.id, lei.id));
    }
  }
  CHECK(Topology(make_federation({3}), {}).peers(LeiId(0)).empty());
}

TEST_CASE("a broker is replaced, and its LEI's edges with it") {
  Topology t = three_leis();
  const Topology before = t;
  t.set_broker(LeiId(1), HostId{});
  CHECK(t.edges() == Edges{{0, 1}, {0, 5}});
  CHECK(t.neighbours(HostId(3)).empty());
  CHECK(t.path(HostId(3), HostId(4)).empty());
  CHECK_FALSE(t.is_broker(HostId(2)));
  t.set_broker(LeiId(1), HostId(4));
  CHECK(t.edges() == Edges{{0, 1}, {0, 4}, {0, 5}, {2, 4}, {3, 4}, {4, 5}});
  CHECK(t.path(HostId(2), HostId(1)) == hosts({2, 4, 0, 1}));
  t.set_broker(LeiId(1), HostId(2));
  CHECK(t.edges() == before.edges());
}

TEST_CASE("a host moves to another LEI") {
  Topology t = three_leis();
  t.move_host(HostId(1), LeiId(2));
  CHECK(t.members(LeiId(0)) == hosts({0}));
  CHECK(t.members(LeiId(2)) == hosts({1, 5}));
  CHECK(t.lei_of(HostId(1)) == LeiId(2));
  CHECK(t.neighbours(HostId(1)) == hosts({5}));
  // Into a LEI without a broker: nobody to speak to until there is one.
  t.set_broker(LeiId(0), HostId{});
  t.move_host(HostId(1), LeiId(0));
  CHECK(t.neighbours(HostId(1)).empty());
  t.set_broker(LeiId(0), HostId(1));
  CHECK(t.neighbours(HostId(1)) == hosts({0, 2, 5}));
}

TEST_CASE("a link is as wide as its narrowest part and as long as all of them") {
  Federation f = make_federation({2, 1});
  f.hosts[0].spec.nic = BytesPerSecond(100);
  f.hosts[0].spec.lan_latency = Seconds(1);
  f.hosts[1].spec.nic = BytesPerSecond(70);
  f.hosts[1].spec.lan_latency = Seconds(2);
  f.hosts[2].spec.nic = BytesPerSecond(80);
  f.hosts[2].spec.lan_latency = Seconds(4);
  f.leis[0].wan_bandwidth = BytesPerSecond(60);
  f.leis[0].wan_latency = Seconds(8);
  f.leis[1].wan_bandwidth = BytesPerSecond(90);
  f.leis[1].wan_latency = Seconds(16);
  Topology t(f, {});
  CHECK(t.link(HostId(0), HostId(1)) == Topology::Link{BytesPerSecond(70), Seconds(3)});
  CHECK(t.link(HostId(0), HostId(2)) == Topology::Link{BytesPerSecond(60), Seconds(29)});
  CHECK(t.link(HostId(2), HostId(0)) == t.link(HostId(0), HostId(2)));
  CHECK(t.wan(LeiId(0), LeiId(1)) == Topology::Link{BytesPerSecond(60), Seconds(24)});
  t.set_broker(LeiId(0), HostId(1));
  CHECK(t.link(HostId(1), HostId(2)) == Topology::Link{BytesPerSecond(60), Seconds(30)});
  f.leis[0].wan_bandwidth = BytesPerSecond(95);
  CHECK(Topology(f, {}).link(HostId(0), HostId(2)).bandwidth == BytesPerSecond(80));
}

TEST_CASE("as an observation shows it: some hosts, by their ids") {
  // Broker 7 of LEI 3 with worker 4, and broker 9 of LEI 1; of LEI 2 it knows no host yet.
  ObservationBuffer seen;
  for (const auto& [id, lei, broker] : {std::tuple{4u, 3u, 7u}, {7u, 3u, 7u}, {9u, 1u, 9u}}) {
    lair_host h{};
    h.id = id;
    h.lei = lei;
    h.broker = broker;
    h.nic = 50;
    seen.hosts.push_back(h);
  }
  for (const auto& [id, broker] : {std::pair{1u, 9u}, {2u, 12u}, {3u, 7u}}) {
    lair_lei l{};
    l.id = id;
    l.broker = broker;
    l.wan_bandwidth = 40;
    l.wan_latency = 0.5;
    seen.leis.push_back(l);
  }
  seen.seal();
  const Topology t{Observation(seen.raw)};
  CHECK(t.hosts().size() == 3);
  CHECK(t.index(HostId(4)) == 0);
  CHECK(t.index(HostId(9)) == 2);
  CHECK_FALSE(t.knows(HostId(12)));
  CHECK_FALSE(t.knows(HostId(5)));
  CHECK_FALSE(t.broker(LeiId(2)).valid());
  CHECK(t.edges() == Edges{{0, 1}, {1, 2}}); // rows, not ids
  CHECK(t.path(HostId(4), HostId(9)) == hosts({4, 7, 9}));
  CHECK(t.link(HostId(7), HostId(9)) == Topology::Link{BytesPerSecond(40), Seconds(1)});
}
