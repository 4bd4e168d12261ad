/// Remediator `surplus-negotiation`, of FDMR (Gouasmi et al. 2018), the distributed heuristic: every site works
/// out what its tasks need to meet their deadlines; what it cannot give, it hands to the site where that is
/// cheapest, first come, first served. docs/baselines.md has what the paper leaves open.
///
/// A site is a LEI. A task needs work left / time left until its deadline, at most what its threads can use; a
/// site has the cores of its answering, unlabelled hosts, less what nobody can explain. Surplus is, until the
/// rest fits, what has the least data for its work; and always what a failure has thrown back into the queue
/// and what runs on a labelled host. A task goes to the site with the smallest
///
///     price of the site / largest price + lambda * transfer / interval
///
/// (price: joules per flop) of those that have room for its need and get it done in time. Sites ask in turn, the
/// first one another in every interval. All brokers work out all sites' requests by the same reports and make
/// their own ones true.
///
///   option   meaning                                          default
///   lambda   weight of the transfer's time                      0.5
///   memory   of a host's RAM that may be filled                 1
/// It needs no detector.
#pragma once

#include <lair/policy.hpp>

#include <cstdint>
#include <vector>

namespace lair {

class SurplusNegotiation : public Remediator {
public:
  explicit SurplusNegotiation(PolicyContext& context);
  void decide(const Observation&, Actions placement, const DetectionView* own, Decision& out) override;

private:
  struct Place { ///< a host that may be given tasks
    const Host* host;
    std::uint32_t site; ///< index
    double threads;     ///< runnable, with what has been agreed
    double need;        ///< bytes, likewise
  };
  struct Site {
    std::uint32_t lei;
    double capacity = 0, need = 0; ///< flop/s
    double price = 0;              ///< joules per flop: of its hosts together
  };
  struct Job {
    const TaskView* task;
    std::uint32_t site;  ///< index
    const Host* from;    ///< null: it waits
    double work;         ///< flops
    double slack;        ///< seconds
    double need;         ///< flop/s
    double data;         ///< bytes that travel with it
    bool again;          ///< lost its host, or is about to
  };
  void read_hosts(const Observation&, const std::vector<std::uint32_t>& labelled);
  void read_tasks(const Observation&, Actions placement, const std::vector<std::uint32_t>& labelled);
  /// What the site cannot give, in the order in which it asks.
  std::vector<const Job*> surplus(std::uint32_t site) const;
  Place* cheapest(const Observation&, const Job&);
  Site* site_of(std::uint32_t lei);
  Place* place_of(std::uint32_t host);

  double lambda_, memory_;
  std::vector<Place> places_; ///< by host id
  std::vector<Site> sites_;   ///< by LEI id
  std::vector<Job> jobs_;     ///< by task id
  double flops_ = 0;
};

} // namespace lair
