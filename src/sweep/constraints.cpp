#include "core/error.hpp"
#include "sweep/database.hpp"
#include "sweep/plan.hpp"

#include <algorithm>

namespace lair::sweep {

// SQL's expressions are known to many and SQLite evaluates them fast: no language of our own.
void apply_constraints(const Plan& plan, std::vector<Cell>& cells) {
  const auto& axes = plan.table().axes;
  Database database(":memory:");
  std::string columns = "cell INTEGER PRIMARY KEY, policy TEXT", places = "?, ?";
  for (const auto& axis : axes) {
    columns += ", " + quoted_name(axis.name);
    places += ", ?";
  }
  database.execute("CREATE TABLE cells(" + columns + "); BEGIN");
  {
    Statement insert(database, "INSERT INTO cells VALUES(" + places + ")");
    for (std::size_t i = 0; i < cells.size(); ++i) {
      insert.bind(static_cast<std::int64_t>(i)).bind(plan.policies()[cells[i].policy]);
      for (std::size_t a = 0; a < axes.size(); ++a) {
        const auto* value = plan.value(cells[i], a);
        if (value == nullptr) insert.bind_null();
        else if (value->set == "true" || value->set == "false") // a text would have quotation marks
          insert.bind(static_cast<std::int64_t>(value->set == "true"));
        else if (axes[a].numeric) insert.bind(value->number);
        else insert.bind(value->text);
      }
      insert.run();
    }
  }
  std::vector<bool> dropped(cells.size(), false);
  std::vector<Diagnostic> wrong;
  for (const auto& constraint : plan.table().constraints) {
    database.allow_only_expressions();
    try {
      Statement select(database, "SELECT cell FROM cells WHERE (" + constraint.expression + ") IS 0");
      while (select.step()) dropped[static_cast<std::size_t>(select.integer(0))] = true;
    } catch (const RunError& error) {
      Diagnostic one = constraint.place;
      one.key = "sweep.constraints";
      one.problem = error.what();
      one.remedy = "an SQL expression such as [faults.rate] <= 2 OR policy = 'none', with the "
                   "names of axes in square brackets";
      wrong.push_back(std::move(one));
    }
  }
  if (!wrong.empty()) throw InputError(std::move(wrong));
  std::size_t kept = 0;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (!dropped[i]) {
      if (kept != i) cells[kept] = std::move(cells[i]);
      ++kept;
    }
  cells.resize(kept);
}

} // namespace lair::sweep
