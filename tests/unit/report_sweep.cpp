// Reports of sweeps, from a store made here with numbers that are known.
#include "core/designs.hpp"
#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "report/load_sweep.hpp"
#include "report/report.hpp"
#include "report/sweep_figures.hpp"
#include "report/sweep_matching.hpp"
#include "report/sweep_numbers.hpp"
#include "sweep/database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

using namespace lair;
using namespace lair::report;
using record::Metric;

namespace {

constexpr const char* hostile = "x<b>\"%_";

/// Two policies, three axes of which one is dragon's own, three seeds. Energy is
/// 1 + rate / 2 + 0.2 (large) - 0.1 (dragon) + 0.01 seed; the response depends on dragon's axis alone.
class Fixture {
public:
  Fixture() : folder("report") {
    sweep::Database database(folder.path + "/sweep.db");
    database.execute(
        "CREATE TABLE sweep(key TEXT PRIMARY KEY, value TEXT);"
        "INSERT INTO sweep VALUES('name', 'try'), ('scenario_hash', 'abc'), ('lair_version', '0.1'), ('program', 'p');"
        "CREATE TABLE axes(position INTEGER, name TEXT, unit TEXT, kind TEXT, \"values\" TEXT);"
        "INSERT INTO axes VALUES(0, 'faults.rate', '1/interval', 'list', '[]'), (1, 'platform', '', 'list', '[]'),"
        " (2, 'dragon:learning_rate', '', 'log', '[]');"
        "CREATE TABLE points(point INTEGER PRIMARY KEY, policy TEXT, seed INTEGER, \"faults.rate\" REAL,"
        " platform TEXT, \"dragon:learning_rate\" REAL, run TEXT);"
        "CREATE TABLE runs(run TEXT PRIMARY KEY, status TEXT, exit_code INTEGER, message TEXT, scenario_hash TEXT,"
        " fingerprint TEXT, folder TEXT);"
        "CREATE TABLE metrics(run TEXT PRIMARY KEY, energy_kwh REAL, response_mean_s REAL, detection_f1 REAL);");
    int point = 0;
    std::string all;
    for (int seed = 1; seed <= 3; ++seed)
      for (const double rate : {2.0, 0.0, 1.0})
        for (const std::string platform : {"small", hostile}) {
          const double energy = 1 + rate / 2 + (platform == "small" ? 0 : 0.2) + 0.01 * seed;
          add(all, point++, "none", seed, rate, platform, "NULL", energy, 100);
          for (const double own : {1e-4, 1e-2})
            add(all, point++, "dragon", seed, rate, platform, fmt::format("{}", own), energy - 0.1, own > 1e-3 ? 90 : 80);
        }
    database.execute(all);
    points = point;
  }

  void change(const std::string& sql) {
    sweep::Database database(folder.path + "/sweep.db");
    database.execute(sql);
  }

  TemporaryFolder folder;
  int points = 0;

private:
  static void add(std::string& all, int point, const std::string& policy, int seed, double rate,
                  const std::string& platform, const std::string& own, double energy, double response) {
    all += fmt::format("INSERT INTO points VALUES({0},'{1}',{2},{3},{4},{5},'r{0}');"
                       "INSERT INTO runs VALUES('r{0}','done',0,NULL,'h','f','runs/r{0}');"
                       "INSERT INTO metrics VALUES('r{0}',{6},{7},NULL);",
                       point, policy, seed, rate, sweep::quoted_text(platform), own, energy, response);
  }
};

MetricChoice two() { return {{Metric::energy_kwh, Metric::response_mean_s}}; }

} // namespace

TEST_CASE("a store is read: axes, levels in order, points, what failed and what waits") {
  Fixture fixture;
  LoadedSweep sweep = load_sweep(fixture.folder.path);
  CHECK(sweep.facts.at("name") == "try");
  CHECK(sweep.policies == std::vector<std::string>{"none", "dragon"});
  CHECK(sweep.seeds == std::vector<std::uint64_t>{1, 2, 3});
  REQUIRE(sweep.axes.size() == 3);
  CHECK(sweep.axes[0].numeric);
  CHECK_FALSE(sweep.axes[0].logarithmic);
  REQUIRE(sweep.axes[0].levels.size() == 3);
  CHECK(sweep.axes[0].levels[0].value == 0); // ascending, not as they came
  CHECK(sweep.axes[0].levels[2].name == "2");
  CHECK_FALSE(sweep.axes[1].numeric);
  CHECK(sweep.axes[1].levels[1].name == hostile);
  CHECK(sweep.axes[2].logarithmic);
  CHECK(sweep.points[0].level == std::vector<std::size_t>{2, 0, absent});
  CHECK(sweep.done == static_cast<std::size_t>(fixture.points));

  fixture.change("UPDATE runs SET status = 'timeout', exit_code = 137, message = 'killed' WHERE run = 'r1';"
                 "UPDATE points SET run = NULL WHERE point = 3");
  sweep = load_sweep(fixture.folder.path);
  CHECK(sweep.done == static_cast<std::size_t>(fixture.points) - 2);
  CHECK(sweep.pending == 1);
  REQUIRE(sweep.failures.size() == 1);
  CHECK(sweep.failures[0] == "dragon, seed 1, faults.rate 2.0, platform small, dragon:learning_rate 0.0001: "
                             "took too long with exit code 137: killed");
  const Page page = sweep_page(fixture.folder.path, two());
  REQUIRE(page.warnings.size() >= 2);
  CHECK(page.warnings[0].find("1 of 54 points have not run yet") != std::string::npos);
}

TEST_CASE("where values are missing, a difference and what it is a share of are of the same pairs") {
  Fixture fixture;
  // none: energy 10 a seed in seed 1, 20 in the others; dragon: a tenth more. Of seed 1 one pair is left.
  fixture.change("UPDATE metrics SET energy_kwh = (SELECT CASE WHEN seed = 1 THEN 10 ELSE 20 END"
                 " * CASE WHEN policy = 'none' THEN 1.0 ELSE 1.1 END FROM points WHERE points.run = metrics.run)");
  fixture.change("UPDATE metrics SET energy_kwh = NULL WHERE run IN (SELECT run FROM points WHERE policy = 'none'"
                 " AND seed = 1 AND (\"faults.rate\" <> 0 OR platform <> 'small'))");
  fixture.change("UPDATE runs SET status = 'failed' WHERE run IN (SELECT run FROM points WHERE policy = 'dragon'"
                 " AND seed = 2 AND \"faults.rate\" = 1)");
  const auto d = difference(load_sweep(fixture.folder.path), "dragon", "none", Metric::energy_kwh);
  CHECK(d.planned == 18);
  CHECK(d.pairs == 1 + 4 + 6);
  CHECK(d.seeds == 3);
  CHECK(d.base == doctest::Approx((10 + 20 + 20) / 3.0)); // not of the pairs: 19.1
  CHECK(d.difference.value == doctest::Approx((1 + 2 + 2) / 3.0));
  CHECK(d.difference.value / d.base == doctest::Approx(0.1));
  const Page page = sweep_page(fixture.folder.path, two());
  CHECK(page_tables(page, TableFormat::markdown, "differences").find("| 11 of 18 |") != std::string::npos);
}

TEST_CASE("groups, differences and shares are those that went in") {
  Fixture fixture;
  const LoadedSweep sweep = load_sweep(fixture.folder.path);
  const Group none = of_policy(sweep, all_done(sweep), "none");
  const Estimate energy = estimate_over_seeds(sweep, none, Metric::energy_kwh);
  CHECK(energy.value == doctest::Approx(1 + 0.5 + 0.1 + 0.02));
  CHECK(energy.low == doctest::Approx(1.61).epsilon(0.004)); // seeds differ by 0.01
  CHECK(energy.high <= 1.6301);
  CHECK(mean_of(sweep, of_level(sweep, none, 0, 2), Metric::energy_kwh) == doctest::Approx(2.12));

  const auto d = difference(sweep, "dragon", "none", Metric::energy_kwh);
  CHECK(d.pairs == 18); // 3 rates x 2 platforms x 3 seeds; dragon's own axis averaged
  CHECK(d.seeds == 3);
  CHECK(d.base == doctest::Approx(1.62));
  CHECK(d.difference.value == doctest::Approx(-0.1));
  CHECK(difference(sweep, "dragon", "none", Metric::response_mean_s).difference.value == doctest::Approx(-15));
  CHECK(difference(sweep, "dragon", "none", Metric::detection_f1).pairs == 0);
  CHECK(d.planned == 18);

  // Shares of one policy: variances of rate (1/6), platform (0.01) and seed (2/3 * 1e-4).
  const auto shares = axis_shares(sweep, none, Metric::energy_kwh);
  REQUIRE(shares.size() == 3);
  const double total = 1.0 / 6 + 0.01 + 2e-4 / 3;
  CHECK(shares[0].name == "faults.rate");
  CHECK(shares[0].share.value == doctest::Approx(1.0 / 6 / total));
  CHECK(shares[1].name == "platform");
  CHECK(shares[1].share.value == doctest::Approx(0.01 / total));
  CHECK(shares[2].name == "seed");
  CHECK(shares[2].share.value == doctest::Approx(2e-4 / 3 / total));
  const auto all = axis_shares(sweep, all_done(sweep), Metric::energy_kwh);
  CHECK(all[0].name == "policy"); // and dragon's own axis is not there
  CHECK(std::none_of(all.begin(), all.end(), [](const auto& one) { return one.name == "dragon:learning_rate"; }));
  const auto own = axis_shares(sweep, of_policy(sweep, all_done(sweep), "dragon"), Metric::response_mean_s);
  CHECK(own[2].name == "dragon:learning_rate");
  CHECK(own[2].share.value == doctest::Approx(1));
}

TEST_CASE("means along an axis are of what ran at every value of it") {
  Fixture fixture;
  // As a constraint would: the dear platform is not run at the highest rate.
  fixture.change(fmt::format("DELETE FROM points WHERE \"faults.rate\" = 2 AND platform = {}", sweep::quoted_text(hostile)));
  const LoadedSweep sweep = load_sweep(fixture.folder.path);
  const Group done = all_done(sweep);
  const Matched matched = matched_along(sweep, done, 0);
  CHECK(matched.possible);
  CHECK(matched.all == done.size());
  CHECK(matched.points.size() == 27); // three rates, three seeds, three points of the cheap platform
  const auto energy = [&](const Group& points, std::size_t level) {
    return mean_of(sweep, of_policy(sweep, of_level(sweep, points, 0, level), "none"), Metric::energy_kwh);
  };
  // 1 + rate / 2 + 0.02: each step is 0.5. With all points the last one would be 0.1 less.
  CHECK(energy(matched.points, 2) - energy(matched.points, 1) == doctest::Approx(0.5));
  CHECK(energy(done, 2) - energy(done, 1) == doctest::Approx(0.4));
  CHECK(matched_along(sweep, done, 1).points.size() == 36); // two rates on both platforms
  const std::string page = page_html(make_page(fixture.folder.path, two()));
  CHECK(page.find("of the 27 of 45 points whose rest ran with every value of faults.rate") != std::string::npos);
  CHECK(page.find("Some combinations of the axes") != std::string::npos);

  // Nothing in common: all points, and the page says what that means.
  fixture.change("DELETE FROM points WHERE (\"faults.rate\" = 2) = (seed < 3)");
  const LoadedSweep apart = load_sweep(fixture.folder.path);
  const Matched none = matched_along(apart, all_done(apart), 0);
  CHECK_FALSE(none.possible);
  CHECK(none.points.size() == none.all);
  CHECK(page_html(make_page(fixture.folder.path, two())).find("although no combination of the rest ran with every value") !=
        std::string::npos);
}

TEST_CASE("policies meet on the same combinations along an axis, and own axes weigh alike") {
  Fixture fixture;
  // dragon runs on the cheap platform only, and one of its own values not at rate 1 of seed 1.
  fixture.change(fmt::format("DELETE FROM points WHERE policy = 'dragon' AND platform = {};"
                             "DELETE FROM points WHERE policy = 'dragon' AND \"faults.rate\" = 1 AND seed = 1 AND "
                             "\"dragon:learning_rate\" > 1e-3", sweep::quoted_text(hostile)));
  const LoadedSweep sweep = load_sweep(fixture.folder.path);
  const Matched matched = matched_along(sweep, all_done(sweep), 0);
  const auto energy = [&](const char* policy, std::size_t level) {
    return mean_of(sweep, of_policy(sweep, of_level(sweep, matched.points, 0, level), policy), Metric::energy_kwh);
  };
  CHECK(matched.points.size() == 18); // seeds 2 and 3, three rates, the cheap platform, three points each
  for (std::size_t level = 0; level < 3; ++level) {
    CHECK(energy("none", level) - energy("dragon", level) == doctest::Approx(0.1));
    if (level > 0) CHECK(energy("none", level) - energy("none", level - 1) == doctest::Approx(0.5));
  }
  const Matched policies = matched_over_policies(sweep, all_done(sweep));
  CHECK(policies.points.size() == 24); // the same, and seed 1 at two rates
}

TEST_CASE("means of policies are of what every policy ran") {
  Fixture fixture;
  CHECK(matched_over_policies(load_sweep(fixture.folder.path), all_done(load_sweep(fixture.folder.path))).points.size() == 54);
  fixture.change("DELETE FROM points WHERE policy = 'dragon' AND \"faults.rate\" = 2");
  const LoadedSweep sweep = load_sweep(fixture.folder.path);
  const Matched matched = matched_over_policies(sweep, all_done(sweep));
  CHECK(matched.all == 42);
  CHECK(matched.points.size() == 36);
  const auto energy = [&](const Group& points, const char* policy) {
    return mean_of(sweep, of_policy(sweep, points, policy), Metric::energy_kwh);
  };
  CHECK(energy(matched.points, "none") - energy(matched.points, "dragon") == doctest::Approx(0.1));
  CHECK(energy(all_done(sweep), "none") - energy(all_done(sweep), "dragon") > 0.3);
}

TEST_CASE("the page of a sweep has its figures, and nothing in it is markup that should be text") {
  Fixture fixture;
  const Page page = sweep_page(fixture.folder.path, two());
  const std::string html = page_html(page);
  CHECK(html == page_html(sweep_page(fixture.folder.path, two())));
  CHECK(page.title == "Sweep try");
  CHECK(page.verdict.find("54 of 54 points done.") == 0);
  CHECK(page.verdict.find("dragon against none: better in energy (-6.2 %), mean response time (-15.0 %).") != std::string::npos);
  CHECK(page.verdict.find("faults.rate for energy (9") != std::string::npos);
  std::vector<std::string> ids;
  for (const auto* figure : figures(page)) ids.push_back(figure->id);
  for (const char* id : {"metric-energy_kwh", "axis1-faults-rate-energy_kwh", "axis2-platform-response_mean_s",
                         "axis3-dragon-learning_rate-response_mean_s", "share-energy_kwh", "share-response_mean_s-dragon",
                         "pair1-2-energy_kwh-none", "pair1-3-energy_kwh-dragon"}) {
    INFO(id);
    CHECK(std::count(ids.begin(), ids.end(), id) == 1);
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  CHECK(html.find("x<b>") == std::string::npos);
  CHECK(html.find("x&lt;b&gt;&quot;%_") != std::string::npos);
  // What chance gives stands in the table too: 2 of 53 for an axis of three levels over all 54 points.
  const auto all = tables(page);
  const auto shares = std::find_if(all.begin(), all.end(), [](const Table* one) { return one->id == "shares"; });
  REQUIRE(shares != all.end());
  const std::string text = table_csv(**shares);
  CHECK(text.find("energy_kwh,energy_kwh_low,energy_kwh_high,energy_kwh_chance,") != std::string::npos);
  CHECK(text.find(fmt::format(",,,{},", 2.0 / 53)) > text.find("all,faults.rate,"));
  CHECK(text.find(fmt::format(",{}\nall,platform,", 2.0 / 53)) != std::string::npos);
  CHECK(table_latex(**shares).find("by chance") != std::string::npos);
  CHECK(table_markdown(**shares).find("| 0.038 |") != std::string::npos);
  // A line of each policy against the rate; one of dragon's against its own axis.
  const auto csv = axis_figure(load_sweep(fixture.folder.path), 0, Metric::energy_kwh).csv;
  CHECK(csv.find("policy,faults.rate,value,low,high\nnone,0,1.1") == 0);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 7);
  const auto own = axis_figure(load_sweep(fixture.folder.path), 2, Metric::response_mean_s).csv;
  CHECK(own == "policy,dragon:learning_rate,response_mean_s\n,0.0001,80\n,0.01,90\n");
}

TEST_CASE("few seeds give no interval of a share, and the page says so") {
  Fixture fixture;
  const auto share_of = [&] {
    const LoadedSweep sweep = load_sweep(fixture.folder.path);
    return axis_shares(sweep, all_done(sweep), Metric::energy_kwh)[1].share;
  };
  CHECK(share_of().value > 0.8);
  CHECK(std::isnan(share_of().low)); // 3 seeds
  const auto says = [&](const char* text) {
    return page_html(sweep_page(fixture.folder.path, two())).find(text) != std::string::npos;
  };
  CHECK(says("no interval with fewer than 10 seeds"));
  // The same points as if of 18 seeds, each with all of dragon's and none's at one rate.
  fixture.change("UPDATE points SET seed = 1 + point / 3");
  CHECK(share_of().low < share_of().value);
  CHECK(share_of().high > share_of().value);
  CHECK_FALSE(says("no interval with fewer"));
}

TEST_CASE("a metric that was asked for is shown though it is 0, and refused without a value") {
  Fixture fixture;
  fixture.change("UPDATE metrics SET energy_kwh = 0");
  const auto first_table = [&](const MetricChoice& choice) {
    return table_csv(*tables(sweep_page(fixture.folder.path, choice)).front());
  };
  CHECK(first_table(two()).find("energy_kwh") == std::string::npos);
  CHECK(first_table({two().metrics, true}).find("energy_kwh") != std::string::npos);
  CHECK_NOTHROW(first_table({{Metric::energy_kwh, Metric::detection_f1}, false}));
  try {
    first_table({{Metric::energy_kwh, Metric::detection_f1, Metric::mttd_s}, true});
    FAIL("was shown");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()).find("has a value of 'detection.f1'") != std::string::npos);
    CHECK(std::string(error.what()).find("has a value of 'mttd_s'") != std::string::npos);
  }
}

TEST_CASE("an axis of many numbers is drawn in bins") {
  Fixture fixture;
  fixture.change("UPDATE points SET \"faults.rate\" = point * 0.5 + 0.25");
  const LoadedSweep sweep = load_sweep(fixture.folder.path);
  CHECK(sweep.axes[0].binned);
  CHECK(sweep.axes[0].levels.size() == 8);
  CHECK(sweep.axes[0].levels[0].value < sweep.axes[0].levels[1].value);
  std::size_t sum = 0;
  for (std::size_t level = 0; level < 8; ++level) sum += of_level(sweep, all_done(sweep), 0, level).size();
  CHECK(sum == 54);
  CHECK_FALSE(page_html(sweep_page(fixture.folder.path, two())).empty());
}

TEST_CASE("what is no store is bad input, and an empty one has a page") {
  TemporaryFolder folder("report");
  CHECK_THROWS_AS(load_sweep(folder.path), InputError);
  std::ofstream(folder.path + "/sweep.db") << "this is no database, and long enough to be taken for one? no";
  CHECK_THROWS_AS(load_sweep(folder.path), InputError);
  CHECK(folder_kind(folder.path) == FolderKind::sweep);
  Fixture fixture;
  fixture.change("UPDATE points SET run = NULL");
  const Page page = sweep_page(fixture.folder.path, two());
  CHECK(page.verdict == "0 of 54 points done.");
  CHECK(page.warnings.size() == 1);
  fixture.change("DELETE FROM points");
  CHECK_FALSE(page_html(sweep_page(fixture.folder.path, two())).empty());
}

TEST_CASE("designs for sensitivity give their indices, and only while they are whole") {
  // Saltelli's design of two axes; the metric is 2 x + y over the unit square: first orders 0.8 and 0.2.
  TemporaryFolder folder("report");
  const std::string path = folder.path + "/sweep.db";
  const auto write = [&](const std::string& method, const Design& design) {
    std::string sql = "DROP TABLE IF EXISTS sweep; DROP TABLE IF EXISTS axes; DROP TABLE IF EXISTS points;"
                      "DROP TABLE IF EXISTS runs; DROP TABLE IF EXISTS metrics;"
                      "CREATE TABLE sweep(key TEXT, value TEXT);"
                      "CREATE TABLE axes(position INTEGER, name TEXT, unit TEXT, kind TEXT, \"values\" TEXT);"
                      "CREATE TABLE points(point INTEGER PRIMARY KEY, policy TEXT, seed INTEGER, x REAL, y REAL, run TEXT);"
                      "CREATE TABLE runs(run TEXT, status TEXT, exit_code INTEGER, message TEXT);"
                      "CREATE TABLE metrics(run TEXT, energy_kwh REAL);";
    for (const char* axis : {"x", "y"})
      sql += fmt::format("INSERT INTO axes VALUES({},'{}','','{}','[]');", axis[0] - 'x', axis, method);
    for (int seed = 1; seed <= 2; ++seed)
      for (std::size_t i = 0; i < design.size(); ++i) {
        const auto point = static_cast<std::size_t>(seed - 1) * design.size() + i;
        // The axis y spans 0 to 10; seeds differ by 0.5 around the value.
        sql += fmt::format("INSERT INTO points VALUES({0},'none',{1},{2},{3},'r{0}');"
                           "INSERT INTO runs VALUES('r{0}','done',0,NULL);INSERT INTO metrics VALUES('r{0}',{4});",
                           point, seed, design[i][0], 10 * design[i][1], 2 * design[i][0] + design[i][1] + seed * 0.5);
      }
    sweep::Database(path).execute("BEGIN;" + sql + "COMMIT;");
  };
  write("sobol", saltelli_design(200, 2, 1));
  LoadedSweep sweep = load_sweep(folder.path);
  auto sobol = sobol_rows(sweep, "none", Metric::energy_kwh);
  REQUIRE(sobol.size() == 2);
  CHECK(sobol[0].name == "x");
  CHECK(sobol[0].first.value == doctest::Approx(0.8).epsilon(0.1));
  CHECK(sobol[1].total.value == doctest::Approx(0.2).epsilon(0.2));
  CHECK(morris_rows(sweep, "none", Metric::energy_kwh).empty());
  const Page page = sweep_page(folder.path, {{Metric::energy_kwh}});
  const auto all = tables(page);
  CHECK(std::any_of(all.begin(), all.end(), [](const Table* table) { return table->id == "sobol"; }));
  CHECK(page_html(page).find("Sobol design of") == std::string::npos);
  sweep::Database(path).execute("DELETE FROM points WHERE point % 800 < 4 AND point % 800 > 0");
  CHECK(sobol_rows(load_sweep(folder.path), "none", Metric::energy_kwh).empty());

  write("sobol", saltelli_design(16, 2, 1));
  CHECK(design_size(load_sweep(folder.path), "none", "sobol") == 16);
  CHECK(page_html(sweep_page(folder.path, {{Metric::energy_kwh}}))
            .find("<p>A Sobol design of 16 groups is small: expect its first-order indices to be known to about +-0.45") !=
        std::string::npos);
  write("morris", morris_design(4, 2, 4, 1));
  CHECK(page_html(sweep_page(folder.path, {{Metric::energy_kwh}})).find("A Morris design of 4 trajectories is small") !=
        std::string::npos);

  write("morris", morris_design(20, 2, 4, 1));
  sweep = load_sweep(folder.path);
  const auto morris = morris_rows(sweep, "none", Metric::energy_kwh);
  REQUIRE(morris.size() == 2);
  CHECK(morris[0].mean_absolute.value == doctest::Approx(2)); // per whole range, whatever it is
  CHECK(morris[1].mean == doctest::Approx(1));
  CHECK(std::abs(morris[1].deviation) < 1e-9);
  CHECK(sobol_rows(sweep, "none", Metric::energy_kwh).empty());
}
