/// lair: the command line.
#include "cli/commands.hpp"
#include "cli/process_pool.hpp"
#include "cli/report.hpp"

#include <algorithm>
#include <clocale>
#include <csignal>
#include <malloc.h>
#include <string_view>

int main(int argc, char** argv) {
  using namespace lair;
  cli::open_standard_streams();
  cli::end_with_parent();
  std::setlocale(LC_ALL, "C");
  // A file too large is an error of that write, told as a full disk is.
  std::signal(SIGXFSZ, SIG_IGN);
  // SimGrid takes a 1 MiB stack for each task: from the heap and kept there, not mapped and
  // unmapped each time (35 % less CPU measured).
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  // Looked for here, since the arguments may be what is wrong.
  const bool json =
      std::any_of(argv, argv + argc, [](std::string_view one) { return one == "--json"; });
  return cli::report_errors(json, [&] { return cli::run_arguments(argc, argv); });
}
