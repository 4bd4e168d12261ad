// The built-in remediators. A new one: its file, its line here and in CMakeLists.txt.
#include "policy/builtin.hpp"
#include "remediators/annealed_migration.hpp"
#include "remediators/digest_vote.hpp"
#include "remediators/forecast_descent.hpp"
#include "remediators/log_rerun.hpp"
#include "remediators/overload_migration.hpp"
#include "remediators/preference_assignment.hpp"
#include "remediators/reference_migration.hpp"
#include "remediators/reference_search.hpp"
#include "remediators/surplus_negotiation.hpp"
#include "remediators/threshold_replication.hpp"

namespace lair {

std::span<const BuiltinRole<Remediator>> builtin_remediators() {
  static constexpr BuiltinRole<Remediator> list[] = {
      {"overload-migration", "the task that moves fastest, to the least loaded host",
       "Beloglazov and Buyya 2012 (minimum migration time)", heuristic_memory,
       make_role<Remediator, OverloadMigration>},
      {"forecast-descent", "moves whatever the twin foresees to gain, of all LEIs, own part applied", "Lair",
       heuristic_memory, make_role<Remediator, ForecastDescent>},
      {"annealed-migration", "simulated annealing of all LEIs' moves on a twin, own part applied",
       "DRAGON, Tuli et al. 2022", heuristic_memory, make_role<Remediator, AnnealedMigration>},
      {"preference-assignment", "tasks of labelled hosts assigned by profit against cost, an integer program",
       "PBFM, Ray et al. 2020", heuristic_memory + 8e6 /* CBC */,
       make_role<Remediator, PreferenceAssignment>},
      {"reference-migration", "where the public code of the baselines moves tasks, its errors included",
       "COSCO's recovery code, Tuli et al.", heuristic_memory,
       make_role<Remediator, ReferenceMigration>},
      {"reference-search", "what the public code of DRAGON and CAROL searches, its errors included",
       "DRAGON's and CAROL's code, Tuli et al.", heuristic_memory, make_role<Remediator, ReferenceSearch>},
      {"surplus-negotiation", "what a LEI cannot finish in time, to the cheapest that can; first come, first served",
       "FDMR, Gouasmi et al. 2018", heuristic_memory, make_role<Remediator, SurplusNegotiation>},
      {"threshold-replication", "above a threshold tasks migrate, just below it the most important one gets a replica",
       "TBAFT, Rawat et al. 2021", heuristic_memory, make_role<Remediator, ThresholdReplication>},
      {"log-rerun", "inputs and progress in a replicated log; what is lost runs again from the last commit",
       "IoTEF, Javed et al. 2020", heuristic_memory, make_role<Remediator, LogRerun>},
      {"digest-vote", "every task on f + 1 LEIs, finished when f + 1 results are equal, else one run more",
       "Medusa, Costa et al. 2016", heuristic_memory, make_role<Remediator, DigestVote>},
  };
  return list;
}

} // namespace lair
