// Scales, text that fits, and the drawings themselves: each kind of chart beside its golden file.
// LAIR_UPDATE_GOLDEN=1 writes the golden files anew; look at them before committing.
#include "core/bootstrap.hpp"
#include "core/random.hpp"
#include "report/bar_chart.hpp"
#include "report/cdf_chart.hpp"
#include "report/escape.hpp"
#include "report/heat_map.hpp"
#include "report/line_chart.hpp"
#include "report/scale.hpp"
#include "report/task_figures.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

using namespace lair::report;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr const char* hostile = "<b>&\"%_'</b>";

std::string labels(const Scale& scale) {
  std::string out;
  for (const auto& tick : scale.ticks()) out += (out.empty() ? "" : " ") + tick.label;
  return out;
}

void compare_to_golden(const Figure& figure) {
  const std::string svg = standalone_svg(figure);
  for (const auto& [ending, text] : {std::pair<std::string, std::string>{".svg", svg}, {".csv", figure.csv}}) {
    const std::string path = "tests/unit/golden/" + figure.id + ending;
    if (std::getenv("LAIR_UPDATE_GOLDEN")) {
      std::filesystem::create_directories("tests/unit/golden");
      std::ofstream(path, std::ios::binary) << text;
    }
    std::ifstream file(path, std::ios::binary);
    const std::string golden{std::istreambuf_iterator<char>(file), {}};
    INFO(path);
    CHECK((golden == text)); // in brackets: a difference would be printed in full
  }
}

/// Tags are closed in the order in which they were opened, and attributes have quotation marks.
bool well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = 0; (at = xml.find('<', at)) != std::string::npos;) {
    const auto end = xml.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    at = end + 1;
    if (tag[0] == '?' || tag[0] == '!') continue;
    const std::string name = tag.substr(tag[0] == '/', tag.find_first_of(" /", 1) - (tag[0] == '/'));
    if (tag[0] == '/') {
      if (open.empty() || "/" + open.back() != tag) return false;
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return false;
  }
  return open.empty();
}

} // namespace

TEST_CASE("ticks stand at round numbers, and the ends move out to them") {
  CHECK(labels(Scale(0, 0.93, 5)) == "0 0.2 0.4 0.6 0.8 1");
  CHECK(labels(Scale(0, 2387, 5)) == "0 500 1000 1500 2000 2500");
  CHECK(labels(Scale(-50, 196, 5)) == "-50 0 50 100 150 200");
  CHECK(labels(Scale(0, 45'000, 5)) == "0 10k 20k 30k 40k 50k");
  CHECK(labels(Scale(0, 3.2e7, 5)) == "0 10M 20M 30M 40M");
  CHECK(labels(Scale(0, 6.2e-8, 5)) == "0 2e-08 4e-08 6e-08 8e-08");
  CHECK(labels(Scale(0.513, 0.519, 5)) == "0.512 0.514 0.516 0.518 0.52");
  CHECK(labels(Scale(0, 0, 5)) == "0 0.2 0.4 0.6 0.8 1");
  CHECK(labels(Scale(7, 7, 5)) == "0 2 4 6 8");
  CHECK(labels(Scale(1e-4, 1, 6, Spacing::logarithmic)) == "0.0001 0.001 0.01 0.1 1");
  CHECK(labels(Scale(3, 80, 6, Spacing::logarithmic)) == "5 10 20 50");
  CHECK(round_step(1, 5) == doctest::Approx(0.2));
  CHECK(round_step(11, 5) == doctest::Approx(5));
}

TEST_CASE("a scale puts values where they belong") {
  Scale linear(0, 10, 5);
  linear.place(100, 200);
  CHECK(linear(0) == doctest::Approx(100));
  CHECK(linear(2.5) == doctest::Approx(125));
  Scale log(1, 100, 5, Spacing::logarithmic);
  log.place(0, 50);
  CHECK(log(10) == doctest::Approx(25));
  CHECK(log(100) == doctest::Approx(50));
}

TEST_CASE("a text is cut in its middle until it fits, never within a character") {
  CHECK(fitted_text("short", 100, 12) == "short");
  const std::string name = "overload-migration:cooldown=2:moves=1";
  const std::string cut = fitted_text(name, 120, 12);
  CHECK(cut.size() < name.size());
  CHECK(text_width(cut, 12) <= 120);
  CHECK(cut.starts_with("over"));
  CHECK(cut.ends_with("=1"));
  CHECK(plain_text(fitted_text("\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4", 30, 12))
            .find("\xEF\xBF\xBD") == std::string::npos);
  CHECK(fitted_text("anything", 1, 12) == "\xE2\x80\xA6");
  CHECK(wrapped_text("one two three", text_width("one two ", 12), 12) == std::vector<std::string>{"one two", "three"});
}

TEST_CASE("bars") {
  BarChart chart{"bars", "Energy", "Mean over 3 seeds.", "energy, kWh"};
  chart.groups = {""};
  chart.series_title = "policy";
  chart.series = {"none", hostile, "nothing"};
  chart.values = {{{0.5, 0.45, 0.55}, {0.4, 0.4, 0.4}, {none, none, none}}};
  const Figure figure = draw(chart);
  compare_to_golden(figure);
  CHECK(figure.svg.find("none: 0.5 [0.45, 0.55]") != std::string::npos); // in words too
}

TEST_CASE("bars in groups, below zero as well") {
  BarChart chart{"grouped", "Change", "", "change, %"};
  chart.groups = {"first", "second group"};
  chart.series = {"a", "b"};
  chart.values = {{{10, 5, 15}, {-20, -25, -15}}, {{0, 0, 0}, {100, 90, 110}}};
  compare_to_golden(draw(chart));
}

TEST_CASE("lines with bands, and a gap") {
  LineChart chart{"lines", "Response", "", "faults.rate, 1/interval", "response, s"};
  chart.lines = {{"none", {{0, {10, 9, 11}}, {1, {20, 18, 22}}, {2, {40, 30, 50}}}},
                 {hostile, {{0, {12, 12, 12}}, {1, {none, none, none}}, {2, {15, 14, 16}}}}};
  compare_to_golden(draw(chart));
}

TEST_CASE("lines over names and over powers of ten") {
  LineChart named{"named", "F1", "", "platform", "F1"};
  named.x_names = {"small", "middle", "large"};
  named.lines = {{"", {{0, {0.1, 0.1, 0.1}}, {1, {0.3, 0.2, 0.4}}, {2, {0.2, 0.2, 0.2}}}}};
  compare_to_golden(draw(named));
  LineChart log{"logarithmic", "F1", "", "learning rate", "F1"};
  log.x_spacing = Spacing::logarithmic;
  log.lines = {{"gon", {{1e-5, {0.61, 0.6, 0.62}}, {1e-3, {0.7, 0.7, 0.7}}, {1e-1, {0.65, 0.6, 0.7}}}}};
  compare_to_golden(draw(log));
}

TEST_CASE("a distribution: a step per value, the share at the value itself") {
  CdfChart chart{"cdf", "Response times", "", "response, s"};
  chart.value_title = "response_s";
  chart.series = {{"a", {3, 1, 2, 2}}, {"b", {none}}};
  const Figure figure = draw(chart);
  compare_to_golden(figure);
  CHECK(figure.csv == "series,response_s,share\na,1,0\na,1,0.25\na,2,0.25\na,2,0.75\na,3,0.75\na,3,1\n");
  chart.series = {{"many", {}}};
  for (int i = 0; i < 10'000; ++i) chart.series[0].second.push_back(i);
  const std::string csv = draw(chart).csv;
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 201);
  CHECK(csv.ends_with("many,9999,1\n"));
}

TEST_CASE("a map of two axes") {
  HeatMap map{"heat", "Energy", "", "faults.rate", "workload.rate", "energy, kWh"};
  map.x_title = "faults.rate";
  map.y_title = "workload.rate";
  map.xs = {"0", "1", hostile};
  map.ys = {"low", "high"};
  map.values = {{0.1, 0.2, 0.3}, {12345, none, 0.5}};
  compare_to_golden(draw(map));
}

TEST_CASE("no drawing breaks on odd values, and all are well-formed") {
  for (const double odd : {none, 0.0, -1.0, 1e300, 1e-300, std::numeric_limits<double>::infinity()}) {
    INFO(odd);
    BarChart bars{"b", hostile, hostile, hostile};
    bars.groups = {hostile};
    bars.series = {hostile, "b"};
    bars.values = {{{odd, odd, odd}, {1, odd, 2}}};
    CHECK(well_formed(standalone_svg(draw(bars))));
    LineChart lines{"l", hostile, hostile, hostile, hostile};
    lines.lines = {{hostile, {{odd, {odd, odd, odd}}, {1, {2, odd, odd}}}}, {"empty", {}}};
    CHECK(well_formed(standalone_svg(draw(lines))));
    CHECK(well_formed(standalone_svg(draw(CdfChart{"c", "", "", "", "x", "y", {{hostile, {odd, odd}}}}))));
    HeatMap map{"h", hostile, hostile, hostile, hostile, hostile};
    map.xs = {hostile};
    map.ys = {hostile};
    map.values = {{odd}};
    const Figure figure = draw(map);
    CHECK(well_formed(standalone_svg(figure)));
    CHECK(figure.svg.find("<b>") == std::string::npos);
    for (const char* word : {"nan", "inf"}) CHECK(draw(lines).svg.find(std::string("\"") + word) == std::string::npos);
  }
}

TEST_CASE("the interval of a large sample is as the bootstrap's") {
  std::vector<double> values;
  lair::RandomStream random(1, "test");
  for (int i = 0; i < 1200; ++i) values.push_back(-std::log(1 - random.uniform()));
  const Estimate large = estimate(values);
  const auto bootstrap = lair::bootstrap_mean_interval(values);
  const double width = bootstrap.high - bootstrap.low;
  CHECK(std::abs(large.low - bootstrap.low) < 0.05 * width);
  CHECK(std::abs(large.high - bootstrap.high) < 0.05 * width);
  CHECK(std::isnan(estimate({}).value));
}
