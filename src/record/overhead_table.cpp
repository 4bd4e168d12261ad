#include "record/overhead_table.hpp"

#include "core/error.hpp"
#include "record/host_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>

namespace lair::record {

namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line)
    if (c == ',')
      cells.emplace_back();
    else
      cells.back() += c;
  return cells;
}

bool read_number(const std::string& text, double& out) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  return read.ec == std::errc() && read.ptr == end && out >= 0; // false for NaN
}

template <class Id>
bool read_name(const std::string& text, const std::vector<std::string>& names, Id& out) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return false;
  out = Id(static_cast<std::uint32_t>(found - names.begin()));
  return true;
}

} // namespace

OverheadTable::OverheadTable(const std::string& folder, const RunIdentity& run,
                             WriteFailure& failure)
    : hosts_(csv_names(run.hosts)), leis_(csv_names(run.leis)),
      file_(folder + "/overhead.csv", failure) {
  file_.cell(header).end_row();
}

void OverheadTable::on(const PolicyCharge& charge) {
  file_.cell(charge.time).cell(leis_.at(charge.lei.index())).cell(hosts_.at(charge.host.index()));
  file_.cell(charge.learn).cell(charge.sense).cell(charge.decide).cell(charge.flops).end_row();
}

std::vector<PolicyCharge> read_overhead(const std::string& path, const RunIdentity& run) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  if (!std::getline(file, line) || line != OverheadTable::header)
    throw InputError(path, "", "is no table of recorded costs",
                     "the overhead.csv of a run with overhead.mode = \"measured\"");
  const auto hosts = csv_names(run.hosts), leis = csv_names(run.leis);
  std::vector<PolicyCharge> all;
  for (unsigned number = 2; std::getline(file, line); ++number) {
    const auto cells = cells_of(line);
    PolicyCharge c;
    if (cells.size() != 7 || !read_number(cells[0], c.time) || !read_name(cells[1], leis, c.lei) ||
        !read_name(cells[2], hosts, c.host) || !read_number(cells[3], c.learn) ||
        !read_number(cells[4], c.sense) || !read_number(cells[5], c.decide) ||
        !read_number(cells[6], c.flops))
      throw InputError(path, "", fmt::format("line {} is no cost of this run: {}", number, line),
                       "the file as the run wrote it");
    all.push_back(c);
  }
  return all;
}

} // namespace lair::record
