#include "scenario/quantity.hpp"

#include "core/random.hpp"

#include <doctest/doctest.h>

#include <bit>

using namespace lair;

TEST_CASE("quantities with units") {
  const auto value = [](std::string_view text, Unit unit) {
    const auto read = read_quantity(text, unit);
    CHECK_MESSAGE(read.problem.empty(), text);
    return read.value;
  };
  CHECK(value("300 s", Unit::seconds) == 300);
  CHECK(value("5 min", Unit::seconds) == 300);
  CHECK(value("1.5h", Unit::seconds) == 5400);
  CHECK(value("2 d", Unit::seconds) == 172800);
  CHECK(value("5.2 ms", Unit::seconds) == 0.0052);
  CHECK(value("7 us", Unit::seconds) == 7e-6);
  CHECK(value("1 Gbps", Unit::bytes_per_second) == 125e6);
  CHECK(value("100 Mb/s", Unit::bytes_per_second) == 12.5e6);
  CHECK(value("40 MB/s", Unit::bytes_per_second) == 40e6);
  CHECK(value("8 bps", Unit::bytes_per_second) == 1);
  CHECK(value("4 GiB", Unit::bytes) == 4294967296.0);
  CHECK(value("4 GB", Unit::bytes) == 4e9);
  CHECK(value("160 kB", Unit::bytes) == 160e3);
  CHECK(value("2 KiB", Unit::bytes) == 2048);
  CHECK(value("12.8 GFLOPS", Unit::flops_per_second) == 12.8e9);
  CHECK(value("12.8 GFLOP/s", Unit::flops_per_second) == 12.8e9);
  CHECK(value("3 TFLOP", Unit::flops) == 3e12);
  CHECK(value("1.82 GMAC", Unit::macs) == 1.82e9);
  CHECK(value("0.5 W", Unit::watts) == 0.5);
  CHECK(value("500 mW", Unit::watts) == 0.5);
  CHECK(value("  1e3   s ", Unit::seconds) == 1000);
  CHECK(value("+1 s", Unit::seconds) == 1);
  CHECK(value("-1 s", Unit::seconds) == -1); // ranges are checked elsewhere
  CHECK(std::bit_cast<std::uint64_t>(value("-0 s", Unit::seconds)) == 0);
}

TEST_CASE("counts of intervals only where they make sense") {
  const auto read = read_quantity("2 intervals", Unit::seconds, true);
  CHECK(read.in_intervals);
  CHECK(read.value == 2);
  CHECK(read_quantity("1 interval", Unit::seconds, true).in_intervals);
  CHECK(read_quantity("2 intervals", Unit::seconds).problem ==
        "'2 intervals' has the unknown unit 'intervals'");
}

TEST_CASE("what is no quantity") {
  const auto problem = [](std::string_view text) {
    return read_quantity(text, Unit::seconds).problem;
  };
  CHECK(problem("") == "'' does not begin with a finite number");
  CHECK(problem("s") == "'s' does not begin with a finite number");
  CHECK(problem("nan s") == "'nan s' does not begin with a finite number");
  CHECK(problem("inf s") == "'inf s' does not begin with a finite number");
  CHECK(problem("1e999 s") == "'1e999 s' does not begin with a finite number");
  CHECK(problem("1e308 d") == "'1e308 d' is too large");
  CHECK(problem("300") == "'300' has no unit");
  CHECK(problem("300 S") == "'300 S' has the unknown unit 'S'");
  CHECK(problem("300 s s") == "'300 s s' has the unknown unit 's s'");
  CHECK(problem("0x10 s") == "'0x10 s' has the unknown unit 'x10 s'");
  CHECK(problem("1,5 s") == "'1,5 s' has the unknown unit ',5 s'");
}

TEST_CASE("plain numbers") {
  double value = 7;
  CHECK(read_number(" 0.5 ", value));
  CHECK(value == 0.5);
  CHECK(!read_number("0.5 s", value));
  CHECK(!read_number("nan", value));
  CHECK(!read_number("", value));
}

TEST_CASE("what is written reads back to the same bits, in every unit") {
  RandomStream random(1, "quantities");
  for (const auto unit : {Unit::seconds, Unit::bytes, Unit::bytes_per_second,
                          Unit::flops_per_second, Unit::flops, Unit::macs, Unit::watts})
    for (int i = 0; i < 2000; ++i) {
      const double value = std::bit_cast<double>(random.next() & 0x7fefffffffffffffull);
      const auto read = read_quantity(write_quantity(value, unit), unit);
      REQUIRE(read.problem.empty());
      REQUIRE(std::bit_cast<std::uint64_t>(read.value) == std::bit_cast<std::uint64_t>(value));
    }
  CHECK(write_quantity(0.0052, Unit::seconds) == "0.0052 s");
  CHECK(write_quantity(125e6, Unit::bytes_per_second) == "125000000 B/s");
}
