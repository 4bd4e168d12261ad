#include "ilp/binary_program.hpp"

#include "core/error.hpp"
#include "core/own_library.hpp"
#include "ilp/library.hpp"

#include <string>

namespace lair::ilp {
namespace {

SolveFunction* library() {
  const std::string path = own_library_path(
      LAIR_ILP_FILE, LAIR_OWN_FOLDER, "policies with integer programs", "install all of Lair");
  return reinterpret_cast<SolveFunction*>(open_own_library(path, solve_symbol));
}

} // namespace

void open_library() { (void)library(); }

BinarySolution solve(const BinaryProgram& program) {
  const std::size_t count = program.entries.size();
  std::vector<std::uint32_t> rows(count), variables(count);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    rows[i] = program.entries[i].row;
    variables[i] = program.entries[i].variable;
    values[i] = program.entries[i].value;
  }
  BinarySolution out;
  out.x.resize(program.objective.size());
  const RawProgram raw{static_cast<std::uint32_t>(program.objective.size()),
                       static_cast<std::uint32_t>(program.low.size()),
                       static_cast<std::uint32_t>(count),
                       program.nodes,
                       program.objective.data(),
                       rows.data(),
                       variables.data(),
                       values.data(),
                       program.low.data(),
                       program.high.data(),
                       program.known};
  RawSolution answer{out.x.data(), 0, 0, 0};
  char error[200] = "";
  if (library()(&raw, &answer, error, sizeof error) != 0)
    throw RunError(std::string("the integer program's solver failed: ") + error);
  out.found = answer.found != 0;
  out.proven = answer.proven != 0;
  out.nodes = answer.nodes;
  return out;
}

} // namespace lair::ilp
