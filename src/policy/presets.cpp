#include "policy/builtin.hpp"

namespace lair {

std::span<const Preset> builtin_presets() {
  static constexpr Preset presets[] = {
      {"none", "least-loaded", "", "", "places new tasks and never moves one", "baseline"},
      {"overload-migration", "least-loaded", "threshold", "overload-migration",
       "moves tasks off overloaded hosts to the least loaded ones",
       "threshold and minimum migration time after Beloglazov and Buyya 2012"},
      {"awgg", "least-loaded", "awgg", "preference-assignment",
       "clusters what a sparse autoencoder says of hosts and empties the fuller cluster",
       "AWGG after Hu et al. 2022, reconstructed"},
      {"topomad", "least-loaded", "topomad", "preference-assignment",
       "a graph LSTM and VAE tell which hosts to empty", "TopoMAD, He et al. 2020"},
      {"dragon", "least-loaded", "gon", "annealed-migration",
       "forecasts faults and anneals preemptive migrations between LEIs", "DRAGON, Tuli et al. 2022"},
      {"dragon+", "least-loaded", "gon", "annealed-migration", "DRAGON that looks five intervals ahead",
       "DRAGON, Tuli et al. 2022", {{{"look_ahead", "5"}, {"window", "5"}}}},
      {"dragon-contrast", "least-loaded", "gon", "annealed-migration",
       "DRAGON whose network was trained and is scored our way", "after DRAGON, Tuli et al. 2022",
       {{{"model", "contrast"}}}},
      {"dragon+-contrast", "least-loaded", "gon", "annealed-migration",
       "dragon-contrast that looks five intervals ahead", "after DRAGON, Tuli et al. 2022",
       {{{"look_ahead", "5"}, {"model", "contrast"}}}},
      {"dragon-x", "least-loaded", "", "forecast-descent",
       "ours: moves tasks wherever the twin foresees that it pays, label or no label",
       "Lair (docs/dragon-x.md)"},
      {"pbfm", "least-loaded", "temperature", "preference-assignment",
       "predicts hot hosts and reassigns their tasks by an integer program of profit and cost",
       "PBFM, Ray et al. 2020 (objectives; the rest is ours)"},
      {"fdmr", "least-loaded", "", "surplus-negotiation",
       "LEIs hand on what they cannot finish in time, and plan again what a failure threw back",
       "FDMR's heuristic, Gouasmi et al. 2018 (idea; details are ours)"},
      {"pbfm@reference", "least-loaded", "reference-rule", "reference-migration",
       "what the public code runs as PBFM: CPU trend, smallest task, always to the first host",
       "DRAGON's code, Tuli et al. (not the paper's PBFM)",
       {{{"rule", "trend"}, {"target", "fastest"}}}},
      {"tbaft@reference", "least-loaded", "reference-rule", "reference-migration",
       "what the public code runs as TBAFT: local fit of CPU, smallest task, to the least CPU",
       "DRAGON's code, Tuli et al. (not the paper's TBAFT)",
       {{{"rule", "loess"}, {"target", "least-cpu"}}}},
      {"fdmr@reference", "least-loaded", "reference-rule", "reference-migration",
       "what the public code runs as FDMR: clusters of the second interval, hosts 0 to 2 only",
       "DRAGON's code, Tuli et al. (not the paper's FDMR)",
       {{{"rule", "clusters"}, {"target", "least-cpu"}}}},
  };
  return presets;
}

} // namespace lair
