// liblair-ilp.so: the only file that sees CBC.
#include "ilp/library.hpp"

#include <CbcModel.hpp>
#include <CglKnapsackCover.hpp>
#include <CoinError.hpp>
#include <CoinPackedMatrix.hpp>
#include <OsiClpSolverInterface.hpp>

#include <cstdio>
#include <exception>
#include <vector>

namespace lair::ilp {
namespace {

/// Objectives are whole numbers: what is better is better by 1.
constexpr double better = 0.999;
/// Errors of the relaxation, times the largest coefficients, must stay below that.
constexpr double tolerance = 1e-9;

void solve(const RawProgram& program, RawSolution& out) {
  const int columns = static_cast<int>(program.variables), rows = static_cast<int>(program.rows);
  std::vector<int> row(program.entry_row, program.entry_row + program.entries);
  std::vector<int> column(program.entry_variable, program.entry_variable + program.entries);
  CoinPackedMatrix matrix(true, row.data(), column.data(), program.entry_value,
                          static_cast<int>(program.entries));
  matrix.setDimensions(rows, columns);
  const std::vector<double> zero(columns, 0.0), one(columns, 1.0);

  OsiClpSolverInterface relaxation;
  relaxation.messageHandler()->setLogLevel(0);
  relaxation.setHintParam(OsiDoReducePrint, true, OsiHintTry);
  relaxation.setDblParam(OsiPrimalTolerance, tolerance);
  relaxation.setDblParam(OsiDualTolerance, tolerance);
  relaxation.loadProblem(matrix, zero.data(), one.data(), program.objective, program.low,
                         program.high);
  for (int i = 0; i < columns; ++i) relaxation.setInteger(i);

  CbcModel model(relaxation);
  model.setLogLevel(0);
  model.messageHandler()->setLogLevel(0);
  model.setRandomSeed(1);
  model.setMaximumNodes(static_cast<int>(program.nodes));
  model.setAllowableGap(0);
  model.setAllowableFractionGap(0);
  model.setDblParam(CbcModel::CbcCutoffIncrement, better);
  if (program.known < COIN_DBL_MAX) model.setCutoff(program.known + 1 - better / 2);
  CglKnapsackCover covers;
  model.addCutGenerator(&covers, -1, "covers"); // what full hosts cannot hold together
  model.branchAndBound();

  out.nodes = static_cast<std::uint32_t>(model.getNodeCount());
  out.proven = model.isProvenOptimal() || model.isProvenInfeasible();
  const double* best = model.bestSolution();
  out.found = best != nullptr;
  for (int i = 0; best != nullptr && i < columns; ++i) out.x[i] = best[i] > 0.5;
}

} // namespace
} // namespace lair::ilp

extern "C" __attribute__((visibility("default"))) int
lair_ilp_solve_1(const lair::ilp::RawProgram* program, lair::ilp::RawSolution* out, char* error,
                 std::uint32_t error_size) {
  try {
    lair::ilp::solve(*program, *out);
    return 0;
  } catch (const CoinError& problem) {
    std::snprintf(error, error_size, "%s", problem.message().c_str());
  } catch (const std::exception& problem) {
    std::snprintf(error, error_size, "%s", problem.what());
  } catch (...) {
    std::snprintf(error, error_size, "it gave no reason");
  }
  return 1;
}
